import { describe, expect, it } from 'vitest';
import { CancelledError, LatheError } from '../core/errors/lathe-error.ts';
import { explainOrtError } from './ort-errors.ts';
import type { ErrorContext } from './ort-sentences.ts';

const open: ErrorContext = { device: 'wasm', action: 'open', bytes: 5_000_000_000 };
const run: ErrorContext = { device: 'webgpu', action: 'run' };

/** [what onnxruntime 1.30 says, where, code, what we say]. Those that a test can provoke are in ort-runtime.test.ts. */
const cases: readonly [string, unknown, ErrorContext, string, string][] = [
  [
    'a C++ exception that left the module as a number',
    283947216,
    open,
    'runtime-aborted',
    'WebAssembly stopped while loading the model and gave only the number 283947216, most often because memory ran out; start a fresh worker and take a smaller model or shorter windows.',
  ],
  [
    'the same as text',
    new Error('283947216'),
    { device: 'wasm', action: 'run' },
    'runtime-aborted',
    'WebAssembly stopped while running the model and gave only the number 283947216, most often because memory ran out; start a fresh worker and take a smaller model or shorter windows.',
  ],
  [
    'bad_alloc',
    new Error("Can't create a session. ERROR_CODE: 6, ERROR_MESSAGE: std::bad_alloc"),
    open,
    'out-of-memory',
    'Memory ran out while loading the model (needed 5.0 GB), and WebAssembly ends at 4 GiB; try WebGPU, a smaller model, or fewer open tabs.',
  ],
  [
    'a JavaScript allocation that failed',
    new RangeError('Array buffer allocation failed'),
    { device: 'webgpu', action: 'open', bytes: 700_000_000 },
    'out-of-memory',
    'Memory ran out while loading the model (needed 700 MB); try WebGPU, a smaller model, or fewer open tabs.',
  ],
  [
    'float16 without shader-f16',
    new Error(
      'failed to call OrtRun(). ERROR_CODE: 1, ERROR_MESSAGE: Program MatMul requires f16 but the device does not support it.',
    ),
    run,
    'float16-unsupported',
    'This graph computes in float16, but the graphics device has no float16 shaders; run it on WebAssembly, or export with float16 storage and float32 arithmetic.',
  ],
  [
    'no kernel',
    new Error(
      "Can't create a session. ERROR_CODE: 9, ERROR_MESSAGE: Could not find an implementation for DequantizeLinear(23) node with name '/fc/dq'",
    ),
    { device: 'webgpu', action: 'open' },
    'unsupported-operator',
    'The operator DequantizeLinear (node "/fc/dq") has no implementation on WebGPU in this version of onnxruntime, so the model cannot run here; run it on WebAssembly.',
  ],
  [
    'a lost device',
    new Error('Failed to execute mapAsync: Device is lost'),
    run,
    'device-lost',
    'The graphics device was lost (a driver reset, sleep, or too little GPU memory); finished work is kept, and the run goes on with WebAssembly.',
  ],
  [
    'a worker poisoned by an earlier failure',
    new Error('another WebGPU EP inference session is being created.'),
    { device: 'webgpu', action: 'open' },
    'runtime-broken',
    'WebGPU could not be started or did not recover from an earlier failure; start a fresh worker.',
  ],
  [
    'a wanted value that a fusion swallowed',
    new Error('Reading data from non-tensor typed value is not supported.'),
    { device: 'wasm', action: 'run' },
    'output-fused-away',
    'WebAssembly merged the nodes that make one of the wanted values into a single one and gives nothing there any more; open the model with basic optimization.',
  ],
  [
    'something unforeseen',
    new Error('failed to call OrtRun(). ERROR_CODE: 1, ERROR_MESSAGE: The moon is full.\nat x'),
    { device: 'wasm', action: 'run' },
    'runtime-failed',
    'WebAssembly could not run the model and says: The moon is full.',
  ],
];

describe('explainOrtError', () => {
  it.each(cases)('%s', (_, error, context, code, sentence) => {
    const explained = explainOrtError(error, context);
    expect(explained).toBeInstanceOf(LatheError);
    expect([explained.code, explained.message]).toEqual([code, sentence]);
  });

  it('leaves errors of our own as they are', () => {
    const cancelled = new CancelledError();
    expect(explainOrtError(cancelled, open)).toBe(cancelled);
  });
});
