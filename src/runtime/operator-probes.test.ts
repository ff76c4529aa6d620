import { describe, expect, it } from 'vitest';
import { operatorProbe, PROBE_IDS, supports } from './operator-probes.ts';
import { createNodeRuntime } from './ort-node.ts';
import { createWasmRuntime } from './ort-wasm.ts';
import type { Runtime } from './types.ts';

const wasm = await createWasmRuntime({ threads: 1 });
const node = await createNodeRuntime({ threads: 1 });

describe('export formats', () => {
  it.each([...PROBE_IDS])('%s is computed right on WebAssembly', async (id) => {
    expect(await supports(wasm, id)).toMatchObject({ ok: true });
  });

  const others = PROBE_IDS.filter((id) => !id.startsWith('qdq'));
  it.each(others)('%s is computed right by onnxruntime-node', async (id) => {
    expect(await supports(node, id)).toMatchObject({ ok: true });
  });

  it('onnxruntime-node is judged by what it computes', async () => {
    // It fuses DequantizeLinear + MatMul into a product with 8-bit activations on some CPUs: about
    // 0.5 % off. Whether it does depends on the machine; that it is noticed must not.
    for (const id of ['qdq-8', 'qdq-4']) {
      const { ok, reason = '' } = await supports(node, id);
      expect(ok || /computes the format qdq-\d wrongly/.test(reason)).toBe(true);
    }
  });
});

describe('supports', () => {
  it('asks a device once', async () => {
    let opened = 0;
    const counting: Runtime = {
      ...wasm,
      open: (model, options) => {
        opened++;
        return wasm.open(model, options);
      },
    };
    const answers = [supports(counting, 'qdq-8'), supports(counting, 'qdq-8')];
    expect((await Promise.all(answers)).map(({ ok }) => ok)).toEqual([true, true]);
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
            return { y: { ...y, data: (y.data as Float32Array).map((v) => v + 1) } };
          },
        };
      },
    };
    const wrong = await supports(lying, 'matmul-nbits-4');
    expect(wrong.ok).toBe(false);
    expect(wrong.reason).toMatch(
      /^This device computes the format matmul-nbits-4 wrongly \(off by 1\.0 of \d/,
    );
    const refusing: Runtime = { ...wasm, open: () => Promise.reject(new Error('No kernel.')) };
    expect(await supports(refusing, 'qdq-4')).toEqual({ ok: false, reason: 'No kernel.' });
  });

  it('probes what the exporter writes', () => {
    const operators = (id: string) => operatorProbe(id).model.graph.nodes.map((n) => n.opType);
    expect(operators('matmul-nbits-4')).toEqual(['MatMulNBits']);
    expect(operators('gather-block-quantized-4')).toEqual(['GatherBlockQuantized']);
    expect(operators('qdq-8')).toContain('DequantizeLinear');
    expect(operators('float16-storage')).toContain('Cast');
    expect(operators('packed-3')).not.toContain('MatMulNBits');
  });
});
