/** What the lines of the palette stand for. */
export const palette = {
  sample: 'Open sample',
  preset: 'Start from',
  method: 'Add step',
  trial: 'Show trial',
  layer: 'Go to layer',
} as const;
