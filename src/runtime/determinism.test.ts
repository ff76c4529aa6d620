import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { activationsDigest, STORIES_ACTIVATIONS } from '../../test/support/determinism.ts';
import { readModel } from '../core/onnx/read.ts';
import { bytesSource } from '../core/onnx/source.ts';
import { createWasmRuntime } from './ort-wasm.ts';

const model = new URL('../../public/samples/stories/model.onnx', import.meta.url);
const child = fileURLToPath(new URL('../../test/support/determinism-child.ts', import.meta.url));

/** The third place is the page: test/browser/runtime.browser.test.ts. */
describe('activations and statistics on WebAssembly', () => {
  it('are these bits with one thread', async () => {
    const runtime = await createWasmRuntime({ threads: 1 });
    const stories = await readModel(bytesSource(new Uint8Array(await readFile(model))));
    expect(await activationsDigest(runtime, stories)).toBe(STORIES_ACTIVATIONS);
  });

  it('are the same bits with two', async () => {
    // A process of its own: the number of threads is fixed by its first session.
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ['--import', 'tsx', child, '2']);
    expect(stdout.trim()).toBe(`2 ${STORIES_ACTIVATIONS}`);
  });
});
