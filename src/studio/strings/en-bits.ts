/** The map of bits, and what was decided about them. */
export const bits = {
  title: 'Bits of each layer',
  show: 'Bits',
  average: (bits: string) => `${bits} bits for each weight of the layers on average.`,
  lossLegend:
    'The mark in a cell: what the model lost with that layer alone compressed, over four decades.',
  hint: 'Point at a layer to see what it takes; click to select it everywhere; arrow keys go through them.',
  bits: (text: string) => `${text} bits, scales included`,
  shared: 'stored with another layer',
  loss: (text: string) => `loses ${text} alone`,
  cell: (name: string, text: string, bytes: string) => `${name}: ${text} bits, ${bytes}`,
  legend: 'Bits',
  same: 'as it was',

  decided: 'What was decided',
  comparison: 'Expected beside measured',
  expected: 'expected',
  measured: 'measured',
  pair: (title: string, expected: string, measured: string) =>
    `${title}: expected ${expected}, measured ${measured}`,
  rows: (count: number) => (count === 1 ? '1 row' : `${count} rows`),
} as const;
