import { formatBytes } from '../format/format.ts';

/** What is said of data while it is read, and when it is not taken. */
export const data = {
  reading: (name: string) => `Reading ${name}…`,
  cancel: 'Cancel',
  cancelReading: (name: string) => `Cancel reading ${name}`,
  cancelled: 'What is in it is not known: its reading was cancelled. A run reads it again.',
  notAdded: (name: string) => `Cancelled. ${name} was not added.`,
  beginning: (taken: number, of: number) => `the first ${formatBytes(taken)} of ${formatBytes(of)}`,
  noRecipe: (path: string) =>
    `${path} is JSON, but no recipe: it lists no steps. Recipes are saved by “Save recipe”; what belongs to a model, such as config.json, is dropped together with it.`,
  kept: (names: string) => `${names} is kept. Now open the model it belongs to.`,
  keptAsk: 'Open a model…',
} as const;
