import { describe, expect, it } from 'vitest';
import { adapted } from '../../test/support/adapted.ts';
import { distance, longs } from '../../test/support/run-model.ts';
import { storiesModel } from '../../test/support/stories.ts';
import { withoutAdapters } from '../core/adapters/find.ts';
import { adapterInputs } from '../core/adapters/inputs.ts';
import { writeModel } from '../core/onnx/write.ts';
import type { Model } from '../core/onnx/types.ts';
import { DataType } from '../core/tensor/data-type.ts';
import { createNodeRuntime } from './ort-node.ts';
import { createWasmRuntime } from './ort-wasm.ts';
import { inputPorts } from './ports.ts';
import type { Runtime } from './types.ts';
import type { Feeds } from './values.ts';

const { model, anatomy } = storiesModel();
const layers = anatomy.layers.filter(({ op }) => op === 'MatMul');
const SHAPE = { rank: 4, alpha: 8 };
const one = adapted(model, layers, SHAPE, { seed: 3 });
const other = adapted(model, layers, { rank: 4, alpha: 6 }, { seed: 4 });
const open = adapterInputs(one.trained, one.names);
const ids: Feeds = {
  input_ids: longs([1, 12], [1, 403, 407, 261, 378, 57, 300, 9, 77, 12, 401, 5]),
};

/** The named tensors of a model as feeds. */
async function matrices({ graph }: Model, names: readonly string[], zero = false): Promise<Feeds> {
  const wanted = graph.initializers.filter(({ name }) => names.includes(name));
  const entries = wanted.map(async ({ name, dims, data }) => {
    const bytes = (await data.read()).slice();
    const values = new Float32Array(bytes.buffer);
    const value = { dataType: DataType.float32, dims: dims.length > 0 ? dims : [1] };
    return [name, { ...value, data: zero ? new Float32Array(values.length) : values }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

describe.each<[string, () => Promise<Runtime>]>([
  ['native', () => createNodeRuntime({ threads: 1 })],
  ['WebAssembly', () => createWasmRuntime({ threads: 1 })],
])('an adapter as inputs, %s', (_, create) => {
  it('is on unless another is given; zeros switch it off exactly', async () => {
    const runtime = await create();
    const logits = async (m: Model, feeds: Feeds = {}) => {
      const session = await runtime.open(m, { optimization: 'basic' });
      const found = (await session.run({ ...ids, ...feeds })).logits;
      await session.release();
      return found;
    };
    const session = await runtime.openBytes(await writeModel(open), [], { optimization: 'basic' });
    const run = async (feeds: Feeds = {}) => (await session.run({ ...ids, ...feeds })).logits;
    expect(session.inputs.map(({ name }) => name)).toEqual(['input_ids']);
    expect(inputPorts(open).map(({ name }) => name)).toEqual(['input_ids']);

    const bases = one.adapters.map(({ b }) => b);
    const base = await logits(model);
    expect(distance(await run(), await logits(one.trained))).toBe(0);
    expect(distance(await run(await matrices(one.trained, bases, true)), base)).toBe(0);
    expect(distance(await run(await matrices(one.trained, ['lora.scale'], true)), base)).toBe(0);
    expect(distance(await logits(withoutAdapters(open)), base)).toBe(0);

    const swapped = await run(await matrices(other.trained, other.names));
    expect(distance(swapped, await logits(other.trained))).toBe(0);
    expect(distance(swapped, base)).toBeGreaterThan(0.1);
    expect(distance(swapped, await run())).toBeGreaterThan(0.1);
    await session.release();
  });
});
