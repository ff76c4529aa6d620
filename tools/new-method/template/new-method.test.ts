import { describe, expect, it } from 'vitest';
import { recognise } from '../../../src/core/anatomy/recognise.ts';
import { nothingSeen } from '../../../src/core/statistics/seen.ts';
import { oneLayerModel } from '../../../test/fixtures/methods/models.ts';
import { context } from '../../../test/fixtures/methods/statistics.ts';
import { compressed, firstStep } from '../../../test/support/methods.ts';
import { meta } from './meta.ts';
import { newMethod } from './new-method.ts';

const options = meta.options.parse({});
const { model, layer, weight } = oneLayerModel('MatMul', 8, 32);

describe('New method', () => {
  it('leaves a layer as it is and says so', async () => {
    const ground = { model, anatomy: recognise(model), original: model };
    const plan = await newMethod.plan(ground, [layer], options, firstStep);
    expect(plan.model).toBe(model);
    expect(plan.work).toEqual([]);
    const reason = '"w" was left as it is, because New method does nothing yet.';
    expect(plan.skipped).toEqual([{ name: 'w', reason }]);
    await expect(compressed(newMethod, model, layer, options)).rejects.toThrow(reason);
  });

  it('has no kernel yet', async () => {
    const read = { layer, values: weight };
    // No form is planned, and none is looked at.
    const run = newMethod.encoder.encode(read, {} as never, nothingSeen, options, context);
    await expect(run).rejects.toThrow(
      'New method has no kernel for "w" yet; write "encode" before "form" promises anything.',
    );
  });
});
