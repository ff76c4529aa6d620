/** Sentences about what a layer reads. */
export const enInputs = {
  title: 'What the layer reads',
  look: 'Look at the inputs',
  lookHelp:
    'Runs calibration data through the original model and shows what reaches this layer: its range, and which channels are outliers.',
  noData: 'This takes calibration data: add a text or examples under Calibration on the left.',
  looking: (percent: number) => `Running calibration data, ${percent} %`,
  stop: 'Stop',
  of: (rows: string, columns: string) => `${rows} rows of calibration data, ${columns} channels`,
  beforeSteps: 'As the original model computes it, before any step.',

  range: 'Range that is covered',
  picture: 'How often the inputs of the layer are how large; heights are logarithmic',
  low: 'α, least number covered',
  high: 'β, largest number covered',
  handleHelp: 'Drag α and β, or move them with the arrow keys; larger steps with Shift.',
  error: 'Rounding error',
  errorHelp:
    'Σ(x − q(x))² / Σx² of rounding these inputs to the levels between α and β. Narrow ranges round finely and cut more.',
  step: 'Level every',
  cut: 'Cut off',
  automaticError: 'Chosen by calibration',
  wholeError: 'Whole range',
  chosenHere: 'These two numbers are options of the step: the next run covers them.',
  automaticHere: 'Nothing is fixed: calibration chooses when the step runs.',
  reset: 'Back to automatic',
  set: (value: string) => `Range of ${value} set`,
  unset: (value: string) => `Range of ${value} is automatic again`,

  outliers: 'Largest input of each channel',
  order: 'Order of channels',
  byChannel: 'by channel',
  bySize: 'by size',
  before: 'Before',
  folded: 'After folding',
  limit: (times: number) => `${times}× the median`,
  channel: 'channel',
  outlierPicture: (words: string) =>
    `Largest magnitude of every input channel, log scale. ${words}`,
  spread: (largest: string, times: string) => `largest ${largest}, ${times}× the median`,
  count: (count: number, times: number) =>
    count === 0
      ? `no channel beyond ${times}× the median`
      : `${count} ${count === 1 ? 'channel' : 'channels'} beyond ${times}× the median`,
  inFile: 'In the measured file',
  afterWords: (name: string, largest: string, count: string) => `${name}: ${largest}; ${count}.`,
  noFold:
    'The step on the bench scales no channels of this layer; one that does shows here what is left.',
} as const;
