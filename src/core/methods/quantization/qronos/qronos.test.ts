import { describe, expect, it } from 'vitest';
import { recognise } from '../../../anatomy/recognise.ts';
import { nothingSeen } from '../../../statistics/seen.ts';
import { oneLayerModel } from '../../../../../test/fixtures/methods/models.ts';
import { context } from '../../../../../test/fixtures/methods/statistics.ts';
import { compressed, firstStep } from '../../../../../test/support/methods.ts';
import { meta } from './meta.ts';
import { qronos } from './qronos.ts';

const options = meta.options.parse({});
const { model, layer, weight } = oneLayerModel('MatMul', 8, 32);

describe('Qronos', () => {
  it('leaves a layer as it is and says so', async () => {
    const ground = { model, anatomy: recognise(model), original: model };
    const plan = await qronos.plan(ground, [layer], options, firstStep);
    expect(plan.model).toBe(model);
    expect(plan.work).toEqual([]);
    const reason = '"w" was left as it is, because Qronos does nothing yet.';
    expect(plan.skipped).toEqual([{ name: 'w', reason }]);
    await expect(compressed(qronos, model, layer, options)).rejects.toThrow(reason);
  });

  it('has no kernel yet', async () => {
    const read = { layer, values: weight };
    // No form is planned, and none is looked at.
    const run = qronos.encoder.encode(read, {} as never, nothingSeen, options, context);
    await expect(run).rejects.toThrow(
      'Qronos has no kernel for "w" yet; write "encode" before "form" promises anything.',
    );
  });
});
