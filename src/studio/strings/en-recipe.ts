import type { NamedParts } from '../../core/methods/part-cut.ts';
import type { TargetBase } from '../../core/recipe/types.ts';

/** How a list of numbers is told: "0–3, 7". */
function ranges(numbers: readonly number[]): string {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  const runs: [number, number][] = [];
  for (const number of sorted) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
}

const targets: Record<Exclude<TargetBase, object>, string> = {
  all: 'all layers',
  attention: 'attention',
  'feed-forward': 'feed-forward',
  embedding: 'embedding',
  'output-head': 'output head',
};

/** The words of a step's one-line summary. */
export const facts = {
  targets,
  not: (name: string) => `not ${name}`,
  allBut: (left: string) => `all but ${left}`,
  but: (base: string, left: string) => `${base} but ${left}`,
  without: ({ blocks, heads }: NamedParts) => {
    const places = Object.values(heads).filter(({ length }) => length > 0);
    const count = places.reduce((sum, { length }) => sum + length, 0);
    const where = places.length === 1 ? '1 attention' : `${places.length} attentions`;
    return [
      blocks.length === 0 ? '' : facts.blocks(blocks),
      count === 0 ? '' : `${count} ${count === 1 ? 'head' : 'heads'} of ${where}`,
    ]
      .filter(Boolean)
      .map((gone) => `without ${gone}`)
      .join(', ');
  },
  layers: (count: number) => (count === 1 ? '1 layer' : `${count} layers`),
  blocks: (blocks: readonly number[]) =>
    blocks.length === 0
      ? 'no block'
      : `${blocks.length === 1 ? 'block' : 'blocks'} ${ranges(blocks)}`,
};

/** The recipe column. */
export const recipe = {
  open: (title: string) => `Options of ${title}`,
  headHelp: 'Alt ↑ or ↓ moves the step, Delete removes it',
  drag: 'Drag to move the step',
  moved: (title: string, number: number, count: number) =>
    `${title} is step ${number} of ${count} now.`,
  off: 'switched off',
  atMost: 'at most',
  computing: 'computing…',
  exact: 'exact',
  smaller: (ratio: string) => `${ratio}× smaller`,
  larger: 'larger than the original',
  cancel: 'Cancel',
  cancelling: 'Cancelling…',
  percent: (done: number) => `${done} %`,
};

/** The menu of ready and saved recipes. */
export const start = {
  title: 'Start from',
  presets: 'Ready',
  own: 'Yours',
  changed: 'Own recipe',
  saveAs: 'Save as…',
  saveLabel: 'Name of the recipe',
  save: 'Save',
  cancel: 'Cancel',
  saved: (name: string) => `${name} is saved in this browser.`,
  replaces: (name: string) => `Replaces ${name}.`,
  rename: (name: string) => `Rename ${name}`,
  remove: (name: string) => `Delete ${name}`,
  removed: (name: string) => `${name} is deleted.`,
  undo: 'Undo',
  export: (name: string) => `Export ${name} as a file`,
  isDefault: 'default for new models',
  makeDefault: (name: string) => `Make ${name} the default for new models`,
  noDefault: (name: string) => `${name} is no longer the default`,
  defaultSet: (name: string) => `${name} will be on the bench for every model that you open anew.`,
  defaultTaken: (name: string) => `Your default recipe, ${name}, is on the bench.`,
  none: 'Recipes that you save stand here.',
  notStored: 'This browser refused to keep the recipe. Save it as a file instead.',
};
