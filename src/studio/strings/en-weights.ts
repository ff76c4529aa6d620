/** Sentences of the Weights tab. */
export const enWeights = {
  layer: 'Layer',
  before: 'Before',
  after: 'After',
  error: 'Error',
  weightError: 'Weight error',
  weightErrorHelp:
    '‖W − Ŵ‖² / ‖W‖²: the share of the weight’s energy that is lost. It looks at the numbers alone; what that does to the layer’s output on data is the output error.',
  outputError: 'Output error',
  outputErrorHelp:
    '‖(W − Ŵ)Xᵀ‖² / ‖WXᵀ‖² on calibration data, as the trial measured it: what counts for the model. A method may make the weight error larger to make this one smaller.',
  sqnr: 'SQNR',
  sqnrHelp:
    'Signal to quantization noise: how much stronger the weights are than their error, 10·log₁₀(‖W‖² / ‖W − Ŵ‖²) decibels. More is better; 6 dB more halves the error, which is worth one bit.',
  pattern: 'What is zero',
  patternShare: (zeros: number, of: number) =>
    `${zeros} of ${of} here, ${((100 * zeros) / of).toFixed(1)} %`,
  patternGroups: (stay: number, of: number) =>
    `Filled: not zero. Of every ${of} neighbours along a row ${stay} ${stay === 1 ? 'stays' : 'stay'}; lines stand between the groups.`,
  patternFree: 'Filled: not zero. Each row is what one output is computed from.',
  zeros: 'Zeros',
  zerosHelp: 'Share of exact zeros afterwards. Zeros are not bytes.',
  time: 'Picture computed in',
  timeHelp:
    'How long it took to compute this picture, in a thread beside the page. It says nothing about the speed of the model.',
  noStep: 'No step works on this layer, so this is the weight as it is.',
  notTargeted: 'This step leaves the selected layer alone.',
  measured: (trial: string) => `From the measured file of ${trial}.`,
  measuredAlone: (trial: string) => `From the measured file of ${trial}: it left this layer alone.`,
  shipped: (trial: string) =>
    `${trial} was measured by the project and its file is not in this browser, so this is computed here. Run the recipe to look at its own bytes.`,
  lost: (trial: string, why: string) =>
    `The file of ${trial} cannot be read, so this is computed here. ${why}`,

  block: 'One block and its grid',
  tensorPng: 'PNG',
  tensorPngHelp: 'What was done to this tensor, as one picture',
  png: 'PNG: One block and its grid',
  figure: {
    title: (model: string, layer: string) => `${model}: ${layer}`,
    bits: (bits: number) => (bits === 1 ? '1 bit' : `${bits} bits`),
    drawn: (date: string) => `drawn ${date}`,
  },
  blockPicture: 'The weights of one block before, and on the values of its grid after',
  plainPicture: 'Some weights of one row before and after',
  weightsBefore: 'before',
  weightsAfter: 'after',
  scaleShared: {
    block: (row: number, from: number, to: number, count: number) =>
      `Row ${row}, columns ${from}–${to}: ${count} weights share one scale.`,
    row: (row: number, count: number) => `Row ${row}: all its ${count} weights share one scale.`,
    layer: (count: string) => `All ${count} weights of the layer share one scale.`,
  },
  drawn: (row: number, from: number, to: number) => `Drawn: row ${row}, columns ${from}–${to}.`,
  even: (bits: number, count: number, step: string) =>
    `${bits === 1 ? '1 bit' : `${bits} bits`}: ${count} values, each a scale of ${step} apart.`,
  uneven: (bits: number, count: number, scale: string) =>
    `${bits === 1 ? '1 bit' : `${bits} bits`}: ${count} values at uneven distances, times a scale of ${scale}.`,
  turned: (scale: string) =>
    `The scale of this block is negative (${scale}): its codes run from right to left, its values as always from left to right.`,
  oneValue: 'Its scale is 0: every weight of this block becomes 0.',
  zeroCode: (code: string) => `Zero point: code ${code} stands for 0.`,
  zeroBetween: (zero: string) =>
    `Zero point: ${zero}, between two codes, so no weight becomes exactly 0.`,
  toNearest: (near: number, count: number) =>
    near === count
      ? 'Every weight went to the value nearest to it.'
      : `${near} of ${count} weights went to the value nearest to them; the method chose another for the rest.`,
  neighbours: (row: number, from: number, to: number) => `Row ${row}, columns ${from}–${to}.`,
  noGrid: (did: string) => `No grid of few values: the weights are ${did}.`,
  nothing: 'Nothing is done to them.',
  cleared: (count: number, of: number) => `${count} of ${of} were set to zero (×).`,
  othersKeep: 'The others keep their values.',
  othersRounded: (error: string) => `The largest change is ${error}.`,
  unchanged: 'None of them changed.',

  heat: 'Heat map of the weights',
  overview: 'Heat map of the whole layer',
  whole: 'All of it',
  moveCrop: 'Move the part that the maps show',
  cursor: (map: string) =>
    `${map}: pick a weight. Arrow keys move, Page up and down by pages, Home and End to the ends of the row.`,
  part: (rows: string, columns: string) => `rows ${rows} and columns ${columns}, a cell per weight`,
  allOf: 'a cell per weight',
  place: (row: number, column: number) => `Row ${row}, column ${column}`,
  errorScale: 'Scale of the errors',
  fixed: 'same for all bits',
  fitted: 'fitted',
  pickHelp: 'Point at a weight to read it; click, or use the arrow keys, to see its block.',

  histogram: 'Histogram of the weights',
  inCodes: 'Weights of the layer, in units of their own block’s scale',
  inBlock: 'Weights of the chosen block, on the values it can take',
  histogramOf: 'Histogram of',
  ofLayer: 'whole layer',
  ofBlock: 'chosen block',
  histogramOn: (values: number) => `Histogram of the weights on ${values} values of the grid`,
  inValues: 'Weights of the layer, by value',
  counted: (count: string) => `${count} weights counted, in rows spread over the layer`,
  turnedBlocks:
    'Small values are left. In some blocks the scale is negative, so that their codes run the other way: the places are steps from 0, not codes.',
  code: 'code',
  heights: 'heights: √ of the count',

  clip: 'Error against clip',
  clipHelp:
    'A grid that covers less than the whole range cuts the few largest weights and keeps the many others more exactly. Where the curve is lowest lies between both.',
  clipOf: 'Error of',
  clipBy: 'Errors counted by',
  clipWeights: 'weights',
  clipInputs: 'outputs',
  clipInputsHelp:
    'Each weight’s error counts as much as what its input channel is fed: the error of the output, as far as single channels tell.',
  clipOwn: 'as it is now',
  clipNames: {
    none: 'whole range',
    mse: 'mse',
    exact: 'exact',
    octav: 'octav',
    search: 'search',
  } as Readonly<Record<string, string>>,
  clipAxis: 'covered share of the range',
  clipLowest: (ratio: string, error: string) => `lowest at ×${ratio}: ${error}`,
  clipPicture: (bits: number, words: string) =>
    `Relative error of rounding to ${bits === 1 ? '1 bit' : `${bits} bits`} over the covered share of the range. ${words}`,
  clipCounted: (count: string) => `${count} weights rounded`,

  spectrum: 'Singular values',
  spectrumHelp:
    'How much of the weight each further rank adds. A steep fall means that few ranks hold most of it.',
  spectrumShow: 'Compute them',
  spectrumSlow: 'This weight is large: it may take some seconds.',
  spectrumComputing: 'Computing…',
  spectrumWords: (ninety: number, most: number, of: number) =>
    `Rank ${ninety} of ${of} holds 90 % of the squares, rank ${most} holds 99 %.`,
  breakEven: (rank: number) => `Two thin factors are smaller than the weight up to rank ${rank}.`,
  breakEvenLine: 'as large as before',
  rankAfter: (rank: number) => `What is left has rank ${rank}.`,
} as const;
