import { describe, expect, it } from 'vitest';
import { testHost } from '../../../test/support/sample.ts';
import { tinyDecoderFolder, wordText } from '../../../test/support/tiny-decoder.ts';
import { parseRecipe } from '../../core/recipe/schema.ts';
import { createNodeRuntime } from '../../runtime/ort-node.ts';
import { openModel } from '../model/open.ts';
import { orderRecipes, runOrder } from './run-order.ts';

const PRUNE = { method: 'magnitude', target: 'feed-forward', options: { sparsity: 0.5 } };
const ROUND = { method: 'round-to-nearest', options: { bits: 4, blockSize: 16 } };
const ADAPT = { ...PRUNE, method: 'lora', options: { rank: 2, steps: 1, batchSize: 2 } };
const POWERS = { method: 'power-of-two', target: 'feed-forward' };

async function order(steps: readonly unknown[]) {
  const open = await openModel(await tinyDecoderFolder('gpt2 plain, opset 13'));
  const calibration = { data: 'words.txt', samples: 4, length: 12 };
  const recipe = parseRecipe({ version: 1, calibration, steps });
  const input = { open, recipe, calibration: wordText(300, 1), evaluation: wordText(300, 2) };
  const fractions: number[] = [];
  const progress = ({ fraction }: { readonly fraction: number }) => void fractions.push(fraction);
  const host = { ...testHost(), runtime: () => createNodeRuntime({ threads: 1 }) };
  return { fractions, ...(await runOrder(host, input, { progress })) };
}

describe('the order experiment', () => {
  it('runs two steps both ways and alone, under one bar', async () => {
    const { trials, losses, finding, fractions } = await order([
      PRUNE,
      { ...ROUND, target: 'attention' },
    ]);
    expect(trials.map(({ run, refused }) => [run, refused])).toEqual(
      ['a', 'ab', 'b', 'ba'].map((run) => [run, undefined]),
    );
    const [kl] = losses;
    const value = (run: 'a' | 'b' | 'ab') => kl.losses[run]?.value ?? NaN;
    expect(kl.interaction.ab?.value).toBeCloseTo(value('ab') - value('a') - value('b'), 12);
    // Steps that touch different layers and look at no data make the same file either way round.
    expect(kl.order?.value).toBe(0);
    expect(finding?.first).toBe('either');
    expect(losses[1]).toMatchObject({ measure: 'nats', paired: true });
    expect([...fractions].sort((a, b) => a - b)).toEqual(fractions);
    expect(fractions.at(-1)).toBe(1);
  }, 60_000);

  it('keeps the sentence of a way round that is refused', async () => {
    const { trials, losses } = await order([ADAPT, POWERS]);
    const refused = trials.find(({ run }) => run === 'ba')?.refused;
    expect(refused).toContain(
      'cannot be merged, because that weight is not stored as floating-point numbers',
    );
    expect(losses[0].interaction.ab).toBeDefined();
    expect(losses[0].order).toBeUndefined();
  }, 60_000);

  it('does not take a step that does nothing behind the other for a harmless one', async () => {
    const { trials, finding } = await order([PRUNE, ROUND]);
    expect(trials.find(({ run }) => run === 'ba')?.refused).toMatch(
      /^Magnitude pruning would change nothing behind the other step\. "transformer\.h\.0\.mlp/,
    );
    expect(finding?.first).toBeUndefined();
  }, 60_000);

  it.each([[[PRUNE]], [[PRUNE, ROUND, POWERS]]])('needs two steps', (steps) => {
    expect(() => orderRecipes(parseRecipe({ version: 1, steps }))).toThrow(
      `The order of two steps is compared, and this recipe has ${steps.length}; disable or remove steps until two are left.`,
    );
  });
});
