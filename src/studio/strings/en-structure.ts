/** What the view of a model's structure says. */
export const structure = {
  title: 'What the model consists of',
  none: 'No transformer blocks were recognised in this model, so there is no structure to draw; its layers and tensors are in Layers and Weights.',
  summary: (blocks: number, hidden?: number, vocabulary?: number) =>
    [
      `${blocks} ${blocks === 1 ? 'block' : 'blocks'}`,
      hidden === undefined ? '' : `width ${hidden}`,
      vocabulary === undefined ? '' : `${vocabulary} tokens`,
    ]
      .filter(Boolean)
      .join(' · '),
  becomes: (before: string, after: string) => `${before} → ${after}`,
  block: (index: number) => `Block ${index}`,
  stackBlock: (stack: 'encoder' | 'decoder', index: number) =>
    stack === 'encoder' ? `Encoder ${index}` : `Decoder ${index}`,
  columns: {
    block: 'Block',
    heads: 'Attention heads',
    feedForward: 'Feed-forward',
    influence: 'Influence',
    loss: 'Without it',
  },
  helpInfluence:
    'How far the block turns what passes through it: 1 − the cosine between its input and its output, averaged over the calibration data. Small values promise a cheap cut; the measured loss says whether that is so.',
  helpLoss:
    'KL divergence of the model’s answers when the part is switched off, in nats, measured on the calibration data: what cutting it would cost before any repair.',
  measure: 'Measure every part',
  measureAgain: 'Measure again',
  stop: 'Stop',
  measuring: (stage: string, percent: number) => `${stage}, ${percent} %`,
  stages: {
    blocks: 'Leaving out one block after another',
    heads: 'Leaving out one head after another',
  },
  measureHelp:
    'Each block and each head is switched off once, and the answers are compared with the whole model’s on the calibration data.',
  noData: 'Add calibration data on the left to see what each part is worth.',
  scale: 'KL without the part',
  relative: 'relative distance without the part',
  goes: 'goes with the recipe on the bench',
  head: (where: string, head: number, loss: string | undefined) =>
    `${where}, head ${head}${loss === undefined ? ', not measured' : `: ${loss}`}`,
  loss: (value: string, error: string, n: number) => `${value} ± ${error} (n ${n})`,
  ofHeads: (heads: number, kv: number | undefined) =>
    kv === undefined || kv === heads ? `${heads} heads` : `${heads} heads on ${kv} keys and values`,
  neurons: (width: number) => `${width} neurons`,
  neuronsAfter: (width: number, after: number) => `${width} → ${after} neurons`,
  headsAfter: (heads: number, after: number) => `${heads} → ${after}`,
  noAttention: 'no attention',
  point: 'Point at a head or a block to see what the model loses without it.',
  chooseHelp:
    'Click heads or blocks to choose them, arrow keys and Space do the same: what is chosen can be cut.',
  chooseBlock: (name: string) => `Choose ${name} to be cut`,
  chosen: (blocks: number, heads: number) =>
    [
      blocks === 0 ? '' : `${blocks} ${blocks === 1 ? 'block' : 'blocks'}`,
      heads === 0 ? '' : `${heads} ${heads === 1 ? 'head' : 'heads'}`,
    ]
      .filter(Boolean)
      .join(' and ') + ' chosen',
  cut: 'Cut these',
  cutHelp: 'Puts a step at the beginning of the recipe that takes out exactly these.',
  chooseNothing: 'Choose nothing',
  onTheBench: (steps: number) =>
    `What was chosen is cut; the recipe has ${steps} ${steps === 1 ? 'step' : 'steps'} now.`,
  dropped: 'Tokens taken out',
  droppedSummary: (gone: string, of: string) => `${gone} of ${of}`,
  droppedCounted: (data: string, share: string) =>
    `${data} holds them ${share}; where one occurs, the text is read in smaller pieces.`,
  droppedNever: (data: string) => `None of them occurs in ${data}.`,
  droppedShare: (times: string, percent: string) =>
    `${times} ${times === '1' ? 'time' : 'times'}, ${percent} % of its tokens`,
  droppedSearch: 'Search the tokens taken out',
  droppedNone: (query: string) => `No token that is taken out holds “${query}”.`,
  droppedMore: (count: string) => `and ${count} more; search to find one`,
  droppedColumns: { token: 'Token', id: 'Id', count: 'In the data' },
  counting: 'Counting tokens…',
  distances: 'How far the stream turns between two places',
  distancesHelp:
    'Row: before a block. Column: behind a later one. Pale: what lies between hardly turns the residual stream, so leaving it out may be cheap.',
  distance: (from: string, to: string, value: string) => `from ${from} to ${to}: ${value}`,
  entry: 'entry',
  behind: (name: string) => `behind ${name}`,
};
