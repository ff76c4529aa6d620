/** The field that says what the file shall come to. */
export const fit = {
  label: 'Fit into',
  example: '60 MB or 1 %',
  help: 'A size that the whole file may take, or a loss in percent that it may cost. Bits then go to the layers that need them most, by what was measured on calibration data.',
  take: 'Fit',
  unclear: (text: string) =>
    `“${text}” is neither a size such as 60 MB nor a loss such as 1 %; write the unit with it.`,
  least: (size: string) => `Smallest possible here: about ${size}.`,
  tooSmall: (size: string) =>
    `The smallest possible is about ${size}: allow more, or prune or shrink the model first.`,
  noData: 'This takes calibration data: add a text or examples below.',
  set: (title: string, aim: string) => `${title} is on the bench and aims at ${aim}.`,
  replaced: (title: string, gone: string) => `${title} stands in place of ${gone}.`,
  came: (expected: string, measured: string) =>
    `Expected ${expected}, measured ${measured} on calibration data.`,
} as const;
