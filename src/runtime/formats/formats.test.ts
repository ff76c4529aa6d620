import { describe, expect, it } from 'vitest';
import { createNodeRuntime } from '../ort-node.ts';
import { createWasmRuntime } from '../ort-wasm.ts';
import type { Runtime } from '../types.ts';
import { toFloats } from '../values.ts';
import { FORMAT_CASES } from './cases.ts';
import { supports } from './support.ts';

const wasm = await createWasmRuntime({ threads: 1 });
const node = await createNodeRuntime({ threads: 1 });

const IDS = FORMAT_CASES.map(({ id }) => id);
/**
 * onnxruntime-node fuses DequantizeLinear + MatMul into a product with 8-bit activations on some CPUs: about
 * 0.5 % off. Whether it does depends on the machine; that it is noticed must not.
 */
const fusedByNode = (id: string) => /^qdq \d bits, (tensor|channel)/.test(id);

describe('every form that an export can have', () => {
  it.each(IDS)('%s is computed right on WebAssembly', async (id) => {
    expect(await supports(wasm, id)).toMatchObject({ ok: true });
  });

  it.each(IDS.filter((id) => !fusedByNode(id)))('%s is computed right by Node', async (id) => {
    expect(await supports(node, id)).toMatchObject({ ok: true });
  });

  it.each(IDS.filter(fusedByNode))('%s is judged by what Node computes', async (id) => {
    const { ok, reason = '' } = await supports(node, id);
    expect(ok || /^This device computes the form "qdq .*" wrongly/.test(reason)).toBe(true);
  });

  it('has a name of its own', () => {
    expect(new Set(IDS).size).toBe(IDS.length);
  });
});

describe('supports', () => {
  const id = 'matmul-nbits 4 bits, 32, symmetric';

  it('asks a device once', async () => {
    let opened = 0;
    const counting: Runtime = {
      ...wasm,
      open: (model, options) => {
        opened++;
        return wasm.open(model, options);
      },
    };
    const answers = await Promise.all([supports(counting, id), supports(counting, id)]);
    expect(answers.map(({ ok }) => ok)).toEqual([true, true]);
    expect(opened).toBe(1);
  });

  it('tells a wrong result and a refusal apart, in words', async () => {
    const lying: Runtime = {
      ...wasm,
      open: async (model, options) => {
        const session = await wasm.open(model, options);
        return {
          ...{ inputs: session.inputs, outputs: session.outputs },
          release: () => session.release(),
          runOnDevice: async () => ({}),
          run: async (feeds) => {
            const { y } = await session.run(feeds);
            return { y: { ...y, data: toFloats(y).map((v) => v + 1) } };
          },
        };
      },
    };
    const wrong = await supports(lying, id);
    expect(wrong.ok).toBe(false);
    expect(wrong.reason).toMatch(
      /^This device computes the form "matmul-nbits 4 bits, 32, symmetric" wrongly \(off by [\d.]+ % of the largest result\)\.$/,
    );
    const refusing: Runtime = { ...wasm, open: () => Promise.reject(new Error('No kernel.')) };
    expect(await supports(refusing, id)).toEqual({ ok: false, reason: 'No kernel.' });
  });
});
