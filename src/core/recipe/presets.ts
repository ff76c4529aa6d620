import { LatheError } from '../errors/lathe-error.ts';
import { nearestName } from '../errors/nearest-name.ts';
import { parseRecipe } from './schema.ts';
import type { Recipe } from './types.ts';

/** A recipe with a name. Those of transformers.js give files it loads under the same `dtype`. */
export interface Preset {
  readonly name: string;
  readonly title: string;
  /** One sentence for people who do not know the field. */
  readonly summary: string;
  /** `model${suffix}.onnx` */
  readonly suffix: string;
  readonly recipe: Recipe;
}

/** Every product, no look-up table: what `MatMulNBits` quantizers of other tools touch. */
const PRODUCTS = { all: true, except: ['embedding'] };

/** Layers of blocks, and what lies beside them, but neither side of the vocabulary. */
const BODY = { all: true, except: ['embedding', 'output-head'] };

/** Both sides of the vocabulary in one step, so that a table that they share stays one. */
const TABLES = { all: true, except: ['attention', 'feed-forward'] };

const nearestRounding = (target: unknown, options: Record<string, unknown>) => ({
  method: 'round-to-nearest',
  target,
  options,
});

const TWO_BITS = nearestRounding('all', {
  ...{ bits: 2, blockSize: 16, symmetric: false },
  ...{ clip: 'mse', scales: 'float16' },
});

const TERNARY = { method: 'ternary', options: { blockSize: 64, scales: 'float16' } };

function preset(
  name: string,
  title: string,
  summary: string,
  steps: readonly unknown[],
  suffix = `_${name}`,
): Preset {
  return { name, title, summary, suffix, recipe: parseRecipe({ version: 1, name, steps }) };
}

/**
 * The transformers.js names keep that library's meaning, with two honest differences: weights only
 * (activations stay float32, so `q8` and `int8` are the same arithmetic on every device), and no
 * half-precision arithmetic (`fp16` and `q4f16` store halves and compute in float32, which runs
 * everywhere). `q4` follows it exactly: symmetric 4-bit blocks of 32 on every product, embeddings
 * left as they are. `q2` and `q1` take embeddings along, which GatherBlockQuantized reads; `q1` is ternary in 2 bits.
 */
export const PRESETS: readonly Preset[] = [
  preset(
    'fp16',
    'Half precision',
    'Half the size and practically no loss: every weight is kept in 16 bits.',
    [{ method: 'float16' }],
  ),
  preset(
    'q8',
    '8-bit',
    'About a quarter of the size with hardly any loss: 8 bits per weight, one scale per output, embeddings included.',
    [nearestRounding('all', { bits: 8, blockSize: 'channel' })],
    '_quantized',
  ),
  preset('int8', '8-bit, signed', 'The same as q8, under the file name of signed 8-bit models.', [
    nearestRounding('all', { bits: 8, blockSize: 'channel' }),
  ]),
  preset(
    'uint8',
    '8-bit, unsigned',
    'A quarter of the size: 8 bits per weight with a zero point, one scale per output.',
    [nearestRounding('all', { bits: 8, blockSize: 'channel', symmetric: false })],
  ),
  preset(
    'q4',
    '4-bit',
    '4 bits per weight in blocks of 32, in the products only: embeddings stay as they are, beside 4 bits for an output head that shares their table, so a small model may come out smaller with 8 bits everywhere.',
    [nearestRounding(PRODUCTS, { bits: 4, blockSize: 32 })],
  ),
  preset(
    'q4f16',
    '4-bit and half',
    'As q4, with scales and everything that is not quantized in half precision.',
    [
      nearestRounding(PRODUCTS, { bits: 4, blockSize: 32, scales: 'float16' }),
      { method: 'float16' },
    ],
  ),
  preset(
    'q2',
    '2-bit',
    'Rarely usable without training: 2 bits per weight in blocks of 16 with zero points, embeddings included.',
    [TWO_BITS],
  ),
  preset(
    'q2f16',
    '2-bit and half',
    'As q2, with everything that is not quantized in half precision.',
    [TWO_BITS, { method: 'float16' }],
  ),
  preset(
    'q1',
    'Ternary',
    'To train on, not to use as it is: every weight is negative, zero or positive, embeddings included. Stored in 2 bits each, as nothing narrower runs.',
    [TERNARY],
  ),
  preset(
    'q1f16',
    'Ternary and half',
    'As q1, with everything that is not ternary in half precision.',
    [TERNARY, { method: 'float16' }],
  ),
  preset(
    'small-and-safe',
    'Small and safe',
    'A good first try: stores equal weights once, then keeps 8 bits per weight.',
    [{ method: 'deduplicate' }, nearestRounding('all', { bits: 8, blockSize: 'channel' })],
    '_int8',
  ),
  preset(
    'tiny',
    'Tiny',
    'Small and still good: stores equal weights once, rounds the blocks to 4 bits on calibration data (GPTQ), the embeddings and the output head to 8.',
    [
      { method: 'deduplicate' },
      { method: 'gptq', target: BODY, options: { bits: 4, blockSize: 32, scales: 'float16' } },
      nearestRounding(TABLES, { bits: 8, blockSize: 'channel' }),
    ],
    '_q4',
  ),
  preset(
    'cut-and-heal',
    'Cut a third, then heal',
    'Smaller and faster everywhere: leaves out a third of the blocks, those that are missed least, and lets the original teach what is left. Trains for minutes.',
    [
      { method: 'blocks', options: { ratio: 0.33, score: 'measured' } },
      { method: 'heal', options: { from: 'both', steps: 400 } },
    ],
    '_lathe',
  ),
  preset(
    'prune-heal-q4',
    'Prune, heal, 4 bits',
    'Very small for what it keeps: takes a quarter of the feed-forward neurons, heals, then rounds the blocks to 4 bits on calibration data, the embeddings and the output head to 8. Trains for minutes.',
    [
      { method: 'ffn-neurons', options: { ratio: 0.25 } },
      { method: 'heal', options: { steps: 300 } },
      { method: 'gptq', target: BODY, options: { bits: 4, blockSize: 32, scales: 'float16' } },
      nearestRounding(TABLES, { bits: 8, blockSize: 'channel' }),
    ],
    '_q4',
  ),
  preset(
    'sparse-heal',
    'Half zeros, healed',
    'Half of the weights become zero, what stays is trained with the zeros kept, and only what is not zero is stored.',
    [
      {
        method: 'sparsegpt',
        target: { all: true, except: ['embedding', 'output-head'] },
        options: { sparsity: 0.5, store: 'packed' },
      },
      { method: 'heal', options: { steps: 200 } },
    ],
    '_lathe',
  ),
];

/** The preset of this name. Throws `unknown-preset` with the nearest name. */
export function presetByName(name: string): Preset {
  const found = PRESETS.find((candidate) => candidate.name === name);
  if (found !== undefined) return found;
  const names = PRESETS.map((candidate) => candidate.name);
  throw new LatheError(
    'unknown-preset',
    `There is no preset "${name}"; did you mean "${nearestName(name, names)}"?`,
    { preset: name },
  );
}
