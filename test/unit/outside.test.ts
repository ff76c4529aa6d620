/**
 * The exported file belongs to its user: it must load in a plain onnxruntime, without any of our code,
 * and compute what the report's run computed.
 */
import { readFile } from 'node:fs/promises';
import * as native from 'onnxruntime-node';
import * as web from 'onnxruntime-web/wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { readData } from '../../src/cli/data.ts';
import { modelFolder } from '../../src/cli/files/model-folder.ts';
import { parseDataset } from '../../src/core/data/parse-dataset.ts';
import { presetByName } from '../../src/core/recipe/presets.ts';
import { openModel } from '../../src/engine/model/open.ts';
import { runTrial } from '../../src/engine/run-trial.ts';
import { MemoryStorage } from '../../src/engine/storage/memory.ts';
import { TrialStore } from '../../src/engine/trials/store.ts';
import { languageFeeds } from '../../src/runtime/feeds.ts';
import { createWasmRuntime } from '../../src/runtime/ort-wasm.ts';

// More threads need a page that is cross-origin isolated.
web.env.wasm.numThreads = 1;

const ids = [1, 403, 407, 261, 378, 432, 317, 400, 286, 317];

/** Enough for more rows than columns, and quick. */
const SMALL = { data: 'sample:stories', samples: 4, length: 128 };

async function exported(preset: string): Promise<{ bytes: Uint8Array; logits: Float32Array }> {
  const storage = new MemoryStorage();
  const runtime = await createWasmRuntime({ threads: 1 });
  const host = {
    storage,
    runtime: () => Promise.resolve(runtime),
    now: () => 0,
    statistics: new Map(),
  };
  const open = await openModel(await modelFolder('sample:stories'));
  const text = await readFile('public/samples/stories/evaluation.txt', 'utf8');
  const short = new TextEncoder().encode(text.slice(0, 1500));
  const evaluation = parseDataset({ name: 'short.txt', bytes: short });
  const calibration = await readData(open, 'sample:stories', 'calibration');
  const recipe = { ...presetByName(preset).recipe, calibration: SMALL };
  const input = { open, recipe, calibration, evaluation };
  const trial = await runTrial(host, input, { progress: () => undefined });
  expect(trial.report?.verified).toBe(true);
  const file = await new TrialStore(storage).file(trial.id);
  const bytes = await file.read(0, file.byteLength);
  const session = await runtime.openBytes(bytes);
  const feeds = languageFeeds(session.inputs, { windows: [ids] });
  const { logits } = await session.run(feeds, ['logits']);
  await session.release();
  return { bytes, logits: logits.data as Float32Array };
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((top, value, i) => Math.max(top, Math.abs(value - b[i])), 0);
}

const input = BigInt64Array.from(ids, BigInt);

// 8-bit through the native binding is left out: its u8×s8 products saturate on CPUs without VNNI.
describe.each(['q4', 'fp16', 'q2', 'tiny'])('a file exported by the preset %s', (preset) => {
  let bytes: Uint8Array;
  let logits: Float32Array;
  beforeAll(async () => {
    ({ bytes, logits } = await exported(preset));
  }, 120_000);

  it('gives the same logits, bit for bit, in plain onnxruntime-web', async () => {
    const session = await web.InferenceSession.create(bytes);
    const result = await session.run({
      input_ids: new web.Tensor('int64', input, [1, ids.length]),
    });
    expect(largestDifference(result['logits'].data as Float32Array, logits)).toBe(0);
    await session.release();
  });

  it('gives the same logits to float32 rounding in plain onnxruntime-node', async () => {
    const session = await native.InferenceSession.create(bytes);
    const feeds = { input_ids: new native.Tensor('int64', input, [1, ids.length]) };
    const result = await session.run(feeds);
    const scale = logits.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
    // Sums of ≤ 172 float32 products through 5 blocks, added in another order: 2¹³·2⁻²⁴ of the largest.
    const tolerance = scale * 2 ** -11;
    expect(largestDifference(result['logits'].data as Float32Array, logits)).toBeLessThan(
      tolerance,
    );
    await session.release();
  });
});
