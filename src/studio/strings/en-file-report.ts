/** What is said of a file that Lathe made and that came back alone. */
export const fileReport = {
  title: 'What this file says about itself',
  to: 'to',
  bits: (before: string, after: string) => `${before} → ${after} bits per weight.`,
  coverage: (percent: string, tool: string) =>
    `${percent} % of the bytes were compressed, by ${tool}.`,
  unmeasured:
    'What it scores cannot be inside the file that is scored: it needs its original, or the report from its folder.',
  original: ({
    name,
    bytes,
    weights,
    hash,
  }: {
    name: string | undefined;
    bytes: string;
    weights: string;
    hash: string;
  }) =>
    `It was made from ${name === undefined ? 'a model' : `“${name}”,`} of ${bytes} with ${weights} weights, whose SHA-256 begins with ${hash}. Open that one, and this file becomes one of its trials.`,
  bring: 'Open the original…',
  open: (origin: string) => `Open ${origin}`,
  layers: (count: number) => `${count} ${count === 1 ? 'layer' : 'layers'} as stored`,
  layer: 'Layer',
  method: 'Method',
  bytes: 'Size',
  error: 'Error',
  errorKind: {
    output: 'Relative error of the layer’s output on calibration data',
    weight: 'Relative error of the weight',
  },
} as const;
