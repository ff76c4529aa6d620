import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { storyLosses } from '../../../test/support/story-training.ts';
import { createNodeRuntime } from '../ort-node.ts';
import { createWasmRuntime } from '../ort-wasm.ts';

const golden = new URL('../../../test/golden/vectors/trainer.json', import.meta.url);
const { losses: torch } = z
  .object({ losses: z.array(z.number()).length(50) })
  .parse(JSON.parse(readFileSync(golden, 'utf8')));

describe('50 steps of the story layout', () => {
  let native: number[];
  let wasm: number[];
  beforeAll(async () => {
    native = await storyLosses(await createNodeRuntime({ threads: 1 }));
    wasm = await storyLosses(await createWasmRuntime({ threads: 1 }));
  }, 60_000);

  it('learn', () => {
    expect(native[0]).toBeGreaterThan(Math.log(64) - 0.1);
    expect(native[49]).toBeLessThan(native[0] / 2);
  });

  it('have the same losses on WebAssembly and native to 1e-4', () => {
    wasm.forEach((loss, step) => {
      expect(Math.abs(loss - native[step]), `step ${step + 1}`).toBeLessThan(1e-4);
    });
  });

  it("have PyTorch's losses, to 1e-3 at the end", () => {
    const start = native.slice(0, 5).map((loss, step) => Math.abs(loss - torch[step]));
    expect(Math.max(...start)).toBeLessThan(1e-5);
    for (const losses of [native, wasm])
      expect(Math.abs(losses[49] - torch[49])).toBeLessThan(1e-3);
  });
});
