/** Run with `node --import tsx determinism-child.ts THREADS`: threads are fixed once per process. */
import { readFile } from 'node:fs/promises';
import { readModel } from '../../src/core/onnx/read.ts';
import { bytesSource } from '../../src/core/onnx/source.ts';
import { createWasmRuntime } from '../../src/runtime/ort-wasm.ts';
import { activationsDigest } from './determinism.ts';

const threads = Number(process.argv[2]);
const path = new URL('../../public/samples/stories/model.onnx', import.meta.url);
const model = await readModel(bytesSource(new Uint8Array(await readFile(path))));
const runtime = await createWasmRuntime({ threads });
console.log(runtime.threads, await activationsDigest(runtime, model));
