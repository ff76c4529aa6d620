/** Recipe steps whose files are pinned, by name. A step is `[method, options?, target?]`. */
type Step = readonly [
  method: string,
  options?: Readonly<Record<string, unknown>>,
  target?: unknown,
];

const PRODUCTS = { all: true, except: ['embedding'] };
const SHORT = { steps: 3, batchSize: 2, validateEvery: 2, warmup: 0 };

const rounding: Readonly<Record<string, readonly Step[]>> = {
  'rtn-8-channel': [['round-to-nearest', { bits: 8, blockSize: 'channel' }]],
  'rtn-8-32-asymmetric': [['round-to-nearest', { bits: 8, blockSize: 32, symmetric: false }]],
  'rtn-4-32': [['round-to-nearest', { bits: 4, blockSize: 32 }]],
  'rtn-4-tensor': [['round-to-nearest', { bits: 4, blockSize: 'tensor', symmetric: false }]],
  'rtn-3-16': [['round-to-nearest', { bits: 3, blockSize: 16 }]],
  'rtn-2-16-mse': [
    [
      'round-to-nearest',
      { bits: 2, blockSize: 16, symmetric: false, clip: 'mse', scales: 'float16' },
    ],
  ],
  float16: [['float16']],
  'magnitude-50': [['magnitude', { sparsity: 0.5 }]],
  'magnitude-2-4': [['magnitude', { pattern: '2:4' }, PRODUCTS]],
  deduplicate: [['deduplicate']],
};

const calibrated: Readonly<Record<string, readonly Step[]>> = {
  'gptq-4-32': [['gptq', { bits: 4, blockSize: 32 }, PRODUCTS]],
  'gptq-3-channel-at-once': [
    ['gptq', { bits: 3, blockSize: 'channel', sequential: false, symmetric: false }, PRODUCTS],
  ],
  'gptq-4-static-order': [
    ['gptq', { bits: 4, blockSize: 32, actOrder: true, staticGroups: true }, 'attention'],
  ],
  'wanda-50': [['wanda', { sparsity: 0.5 }, PRODUCTS]],
  'wanda-2-4-at-once': [['wanda', { pattern: '2:4', sequential: false }, 'feed-forward']],
};

const chains: Readonly<Record<string, readonly Step[]>> = {
  'magnitude-global': [['magnitude', { sparsity: 0.6, scope: 'global' }]],
  'rtn-except': [
    ['round-to-nearest', { bits: 4 }, { all: true, except: ['embedding', { blocks: [0] }] }],
    ['float16', {}, 'embedding'],
  ],
  'deduplicate-gptq-rtn': [
    ['deduplicate'],
    ['gptq', { bits: 4, blockSize: 32, scales: 'float16' }, PRODUCTS],
    ['round-to-nearest', { bits: 8, blockSize: 'channel' }, 'embedding'],
  ],
  'wanda-gptq': [
    ['wanda', { sparsity: 0.5 }, 'feed-forward'],
    ['gptq', { bits: 4, blockSize: 16 }, PRODUCTS],
  ],
  'magnitude-rtn': [
    ['magnitude', { sparsity: 0.5 }],
    ['round-to-nearest', { bits: 8, blockSize: 64, symmetric: false }],
  ],
  'gptq-twice': [
    ['gptq', { bits: 8, blockSize: 'channel' }, 'attention'],
    ['gptq', { bits: 4, blockSize: 128 }, 'feed-forward'],
  ],
};

const trained: Readonly<Record<string, readonly Step[]>> = {
  'fine-tune': [['fine-tune', SHORT]],
  'fine-tune-attention-rtn': [
    ['fine-tune', SHORT, 'attention'],
    ['round-to-nearest', { bits: 8, blockSize: 'channel' }],
  ],
  'lora-merge': [['lora', { ...SHORT, rank: 4, result: 'merge' }, 'attention']],
  'lora-adapter': [['lora', { ...SHORT, rank: 4, result: 'adapter' }, 'attention']],
  'lora-inputs': [['lora', { ...SHORT, rank: 4, result: 'inputs', dropout: 0.1 }, 'attention']],
  qlora: [
    ['round-to-nearest', { bits: 4, blockSize: 32 }, PRODUCTS],
    ['lora', { ...SHORT, rank: 4, result: 'adapter' }, 'attention'],
  ],
  'prune-heal': [
    ['magnitude', { sparsity: 0.5 }, PRODUCTS],
    ['fine-tune', SHORT, PRODUCTS],
  ],
  'distill-compressed': [
    ['round-to-nearest', { bits: 4, blockSize: 32 }, 'attention'],
    ['distill', { ...SHORT, hidden: 1 }, 'feed-forward'],
  ],
  'distill-shallow': [
    ['distill', { ...SHORT, student: 'shallow' }],
    ['round-to-nearest', { bits: 8, blockSize: 'channel' }],
  ],
  'distill-fresh': [['distill', { ...SHORT, student: 'fresh', width: 0.5, hidden: 1 }]],
};

export interface PinnedRecipe {
  readonly name: string;
  readonly steps: readonly unknown[];
}

function named(groups: Readonly<Record<string, readonly Step[]>>): readonly PinnedRecipe[] {
  return Object.entries(groups).map(([name, steps]) => ({
    name,
    steps: steps.map(([method, options = {}, target = 'all']) => ({ method, options, target })),
  }));
}

/** Need no data. */
export const PLAIN = named(rounding);
/** Look at calibration data. */
export const CALIBRATED = named(calibrated);
/** Several steps; some look at calibration data. */
export const CHAINS = named(chains);
/** Train. */
export const TRAINED = named(trained);
