const share = (value: string, error: string) => `${value} ${error}`;

/** What Try it says. */
export const tryIt = {
  needTrial: 'Run the recipe once; then the original and the compressed model answer side by side.',
  running:
    'The recipe is being run. When it is done, the original and the compressed model answer here side by side.',
  needRun: 'Start the run',
  left: 'Left',
  right: 'Right',
  swap: 'Swap sides',
  original: 'Original',
  noFile: (name: string) =>
    `“${name}” was measured by the project and shipped with this sample: its numbers are here, its file is not. Compute it here to ask it something; the same recipe gives the same bytes.`,
  computeHere: 'Compute it here',
  mode: 'How they are compared',
  read: 'Read a text',
  write: 'Write on',
  busy: 'Computing…',
  noTokenizer:
    'This model came without tokenizer.json, so text cannot be turned into tokens. Drop the whole model folder to try it.',
  onlyMeasured: (task: string) =>
    `Language models, encoder-decoders and classifiers, of whole examples or of tokens, answer here side by side. This model’s task is “${task}”: the measures in the result compare it.`,
  noExamples:
    'There is no evaluation data to try this model on. Drop a file of data (.npz, .csv, .jsonl, .parquet) or a folder of pictures beside it.',
  reading: {
    help: 'Both models read the same text and at each token tell what they expect next. The colour is how far apart they are there.',
    document: 'Document',
    own: 'Own text',
    typed: 'Text to read',
    placeholder: 'Type or paste a text',
    go: 'Read',
    loading: 'Both models are reading…',
    next: 'Next document',
    noDocuments: 'There is no evaluation text beside this model; type one of your own.',
    ordered: 'most harmed first',
    documentLabel: (index: number, beginning: string, harm: string | undefined) =>
      harm === undefined
        ? `${index} · ${beginning}`
        : `${index} · loss ${harm} nats · ${beginning}`,
    kl: (value: string, error: string) => `Mean KL ${share(value, error)} nats`,
    same: (value: string, error: string) => `same top token ${share(value, error)}`,
    of: (tokens: number) => `of ${tokens} tokens; ± by token`,
    cut: 'The text is cut off here: the evaluation reads no further.',
    source: 'Source',
    text: 'The text, token by token',
    scale: (left: string, right: string) => `KL(${left} ‖ ${right}) in nats`,
    differs: 'another first choice',
    detail: 'At this token',
    pick: 'Point at a token, tap it, or walk with the arrow keys. ✓ marks what stands in the text.',
    next_: 'stands here',
    context: 'The first token has nothing before it: no model predicts it.',
    klAt: (kl: string) => `KL ${kl} nats`,
    expects: (name: string) => `${name} expects`,
    right: 'what stands here',
  },
  writing: {
    prompt: 'Prompt',
    source: 'Source text',
    promptDefault: 'Once upon a time',
    tokens: 'Tokens',
    go: 'Continue',
    another: 'Another prompt',
    all: (count: number) => `The same for all ${count} tokens`,
    apart: 'They part at the first token',
    same: (count: number) =>
      count === 1
        ? 'The same for 1 token, then their own way'
        : `The same for ${count} tokens, then their own way`,
    common: 'What both write',
    parting: 'They part here',
    gives: (name: string, probability: string) => `${name} gives it ${probability}`,
    ends: 'ends here',
    note: 'One different token changes everything behind it: what comes after the parting is two texts, not damage.',
    honest: (value: string, error: string, n: string) =>
      `How often they choose alike behind the same text: ${share(value, error)} of ${n} tokens of the evaluation.`,
    unmeasured:
      'One different token changes everything behind it: only what stands before the parting compares.',
    damaged: (name: string, value: string, error: string, n: string) =>
      `Here the texts differ because the models do: behind the same text, the likeliest token of “${name}” is the original’s in only ${share(value, error)} of ${n} places of the evaluation.`,
    tokenByToken: 'See it token by token',
    tokenTitle: (probability: string, kl: string | undefined) =>
      kl === undefined ? `p ${probability}` : `p ${probability} · KL ${kl}`,
  },
  answers: {
    view: 'What is shown',
    examples: 'Examples',
    confusion: 'Confusion',
    own: 'Own text',
    none: (total: string) => `No answer of ${total} changed`,
    changed: (count: string, total: string) => `${count} of ${total} answers changed`,
    parts: (lost: string, won: string, other: number) =>
      `: ${lost} lost, ${won} won${other === 0 ? '' : `, ${other} wrong in another way`}`,
    stopped: (of: string) => `Measuring was ended early; there are ${of} examples.`,
    sampled: (looked: number, total: string) =>
      `Looked at ${looked} of ${total} examples: the report of this trial keeps no answers to the data that is open. Run it again to see all that changed.`,
    sampling: (looked: number, total: string) => `Looking at ${looked} of ${total} examples…`,
    filter: 'Which examples',
    filters: {
      flips: 'Changed',
      lost: 'Lost',
      won: 'Won',
      other: 'Wrong in another way',
      changed: 'Changed',
      all: 'All',
    },
    meaning: {
      lost: 'Lost: was right, is wrong now',
      won: 'Won: was wrong, is right now',
      other: 'Wrong before and after, in another way',
      changed: 'Changed',
    },
    badge: { lost: 'lost', won: 'won', other: 'wrong in another way', changed: 'changed' },
    nothing: 'There is none of this kind.',
    legend: 'Bars: probability of the likeliest classes',
    is: (label: string) => `is ${label}`,
    example: (index: number) => `Example ${index}`,
    correct: 'right',
    wrong: 'wrong',
    list: 'Examples',
    matrix: (name: string) => `Answers of ${name} by true class`,
    matrixDifference: (left: string, right: string) => `${right} − ${left}, by true class`,
    matrixHelp:
      'A row is the true class, a column the answer. The diagonal is right; the rest is confused.',
    trueClass: 'True class',
    difference: 'Difference',
    pairs: 'Most confused pairs',
    pair: (expected: string, answered: string) => `${expected} taken for ${answered}`,
    noExpected: 'The evaluation data has no labels, so nobody knows what is confused.',
    text: 'Text',
    textPlaceholder: 'Type or paste a text',
    classify: 'Classify',
    same: (label: string) => `Both answer “${label}”`,
    differ: (left: string, was: string, right: string, now: string) =>
      `${left} answers “${was}”, ${right} “${now}”`,
    ofClass: 'Class',
  },
  tags: {
    text: 'Text',
    go: 'Tag',
    another: 'Another example',
    placeholder: 'Type or paste a text',
    none: 'Neither finds anything to label.',
    same: (count: number) =>
      count === 1 ? 'Both find the same label' : `Both find the same ${count} labels`,
    differ: (shared: number, left: string, leftCount: number, right: string, rightCount: number) =>
      `${shared} labels are the same; ${left} finds ${leftCount}, ${right} ${rightCount}`,
    alone: 'only here',
    cut: 'The text is cut off where the model’s context ends.',
    confidence: (label: string, probability: string) => `${label}, p ${probability} at least`,
  },
} as const;
