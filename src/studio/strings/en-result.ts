/** What the result column says; loaded with the studio, not with the first page. */
export const resultText = {
  words: {
    better: 'Better',
    equal: 'Equal',
    worse: 'Worse',
    'not-measured': 'Not measured',
  },
  quality: 'Quality',
  agreement: 'Agreement',
  speed: 'Speed',
  toOriginal: 'to the original',
  tokens: (tokens: number) => `${tokens} tokens`,
  notYet: 'measured by a run',
  notTaken: 'not measured',
  measures: 'All measures',
  file: 'The file',
  original: 'original',
  change: 'difference',
  n: (count: string) => `n = ${count}`,
  shippedBadge: 'Measured by the project',
  shippedHelp:
    'The project measured this trial and ships its report. Its file is not in this browser yet.',
  elsewhereBadge: 'Measured elsewhere',
  elsewhereHelp:
    'The file is here, and what was measured of it came with it. Measure it again to have numbers of this computer.',
  elsewhereWhere: 'where it was measured',
  shippedWhere: 'on the project’s computer',
  computeHere: 'Compute it here',
  another: 'The bench has another recipe.',
  load: 'Load this recipe',
  loaded: (name: string) => `The recipe of ${name} is on the bench.`,
  benchTrial: (name: string) => `Measured already as ${name}`,
  benchTrialOf: (name: string, bytes: string) =>
    `Measured already as ${name}: ${bytes}, as the recipe’s name stands in the file`,
  show: 'Show',
  stopped: (done: number, of: number) =>
    `Measuring was ended after ${done} of ${of}: the ± is as wide as these make it.`,
  soFar: 'So far',
  measuring: 'Measuring',
  after: (done: number, of: number) => `after ${done} of ${of}`,
  zipped: (bytes: string, ratio: string) => `${bytes} zipped for download (${ratio})`,
  zippedHelp:
    'Zeros take as much room in the file as other numbers. A server that packs it with gzip sends so many bytes; unpacked and in memory it is as large as the file.',
  expect: 'what it costs is measured by a run',
  copyAs: 'Copy as…',
  compare: 'Compare',
  fresh: 'new',
  rename: (name: string) => `Rename ${name}`,
  trialName: 'Name of the trial',
  sharedBench: 'This recipe was shared with you. Nothing of it has run in this browser yet.',
  share: 'Share',
  touched: 'Changed by the recipe',
  kernels: (device: string) => `Kernels, ${device}`,
  kernelsHelp:
    'How onnxruntime computes the layers: products of whole numbers, codes turned into floating point in every run or once at load, or floating point as stored. What is faster is only said where it was timed.',
  cache: 'Cache per token',
  cacheHelp:
    'What the keys and values of one token of a text take in memory while the model runs. It is no part of the file.',
  touchedOf: (share: string) => `${share} of the weights`,
  left: (count: number, bytes: string | undefined) => {
    const weights = count === 1 ? '1 weight is' : `${count} weights are`;
    return `${weights} left alone${bytes === undefined ? '' : ` (${bytes})`}`;
  },
  eachOf: (count: number, reason: string) => `${count} weights, each: ${reason}`,
  copied: {
    command: 'Command copied. It makes the same bytes headless.',
    python: 'Python copied.',
    javascript: 'JavaScript copied.',
    markdown: 'Markdown copied.',
    recipe: 'Recipe copied.',
  },
  copyTitles: {
    command: 'Command line',
    python: 'Python (onnxruntime)',
    javascript: 'transformers.js',
    markdown: 'Markdown row',
    recipe: 'Recipe (JSON)',
  },
  copyHelp: {
    command: 'npx lathe, the same bytes',
    python: 'runs the exported file',
    javascript: 'loads the unzipped folder',
    markdown: 'size and quality for a table',
    recipe: 'as “Open” takes it',
  },
} as const;
