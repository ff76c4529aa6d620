import { LatheError } from '../core/errors/lathe-error.ts';
import type { Device } from './types.ts';

/** Where an onnxruntime error came from, for the sentence it becomes. */
export interface ErrorContext {
  readonly device: Device;
  readonly action: 'open' | 'run';
  /** Bytes handed over (model with weights, or feeds), for out-of-memory sentences. */
  readonly bytes?: number;
  /** Name of the first node with this operator, where the graph is known: ORT does not always tell. */
  readonly nodeOf?: (op: string) => string | undefined;
}

const DEVICE_NAMES: Record<Device, string> = {
  wasm: 'WebAssembly',
  webgpu: 'WebGPU',
  node: 'onnxruntime-node',
};

export function deviceLost(): LatheError {
  return new LatheError(
    'device-lost',
    'The graphics device was lost (a driver reset, sleep, or too little GPU memory); finished work is kept, and the run goes on with WebAssembly.',
  );
}

export function float16Refused(): LatheError {
  return new LatheError(
    'float16-unsupported',
    'This graph computes in float16, but the graphics device has no float16 shaders; run it on WebAssembly, or export with float16 storage and float32 arithmetic.',
  );
}

export function unsupportedOperator(
  op: string,
  node: string,
  { device, nodeOf }: ErrorContext,
): LatheError {
  const name = node === '' ? (nodeOf?.(op) ?? '') : node;
  const where = name === '' ? '' : ` (node "${name}")`;
  const elsewhere =
    device === 'webgpu' ? 'run it on WebAssembly' : 'export it with standard operators';
  return new LatheError(
    'unsupported-operator',
    `The operator ${op}${where} has no implementation on ${DEVICE_NAMES[device]} in this version of onnxruntime, so the model cannot run here; ${elsewhere}.`,
    { op, node: name, device },
  );
}

export function missingInput(name: string): LatheError {
  return new LatheError(
    'missing-input',
    `The model needs an input named "${name}", but the data holds none; add an array of that name to the data.`,
    { name },
  );
}

export function outOfMemory({ device, action, bytes }: ErrorContext): LatheError {
  const needed = bytes === undefined ? '' : ` (needed ${formatBytes(bytes)})`;
  const what = action === 'open' ? 'loading the model' : 'running the model';
  const limit = device === 'wasm' ? ', and WebAssembly ends at 4 GiB' : '';
  const remedy =
    action === 'open'
      ? 'try WebGPU, a smaller model, or fewer open tabs'
      : 'try shorter windows or smaller batches';
  return new LatheError(
    'out-of-memory',
    `Memory ran out while ${what}${needed}${limit}; ${remedy}.`,
    bytes === undefined ? { device } : { device, bytes },
  );
}

export function badShape(name: string, found: string): LatheError {
  const said = found.replace(/\s+/g, ' ').replace('Got:', 'got').replace('Expected:', 'expected');
  return new LatheError(
    'input-shape',
    `The array for the input "${name}" has the wrong shape (${said.replace('index:', 'dimension')}); reshape the data to what the model declares.`,
    { name },
  );
}

export function badType(actual: string, expected: string): LatheError {
  return new LatheError(
    'input-type',
    `An input array is of type ${actual}, but the model expects ${expected}; convert the data.`,
    { actual, expected },
  );
}

export function badIndex(index: string, last: string): LatheError {
  return new LatheError(
    'index-out-of-range',
    `The data holds the index ${index}, but the model's table ends at ${last}; the tokenizer or the labels do not fit this model.`,
    { index, last },
  );
}

export function runtimeBroken(text: string, { device }: ErrorContext): LatheError {
  return new LatheError(
    'runtime-broken',
    `${DEVICE_NAMES[device]} could not be started or did not recover from an earlier failure; start a fresh worker.`,
    { cause: readable(text) },
  );
}

export function invalidModel(): LatheError {
  return new LatheError(
    'invalid-model',
    'onnxruntime cannot read this model: the file is damaged or is not an ONNX graph; open an intact .onnx file.',
  );
}

export function aborted(code: number, { device, action }: ErrorContext): LatheError {
  const what = action === 'open' ? 'loading' : 'running';
  return new LatheError(
    'runtime-aborted',
    `${DEVICE_NAMES[device]} stopped while ${what} the model and gave only the number ${code}, most often because memory ran out; start a fresh worker and take a smaller model or shorter windows.`,
    { code },
  );
}

export function unknownFailure(text: string, { device, action }: ErrorContext): LatheError {
  const what = action === 'open' ? 'load' : 'run';
  return new LatheError(
    'runtime-failed',
    `${DEVICE_NAMES[device]} could not ${what} the model and says: ${readable(text)}`,
    { cause: text.slice(0, 2000) },
  );
}

/** Code of {@link outputFusedAway}. */
export const FUSED_AWAY = 'output-fused-away';

/** Seen where EmbedLayerNormalization swallows the positions that another part of the graph reads as well. */
export function outputFusedAway({ device }: ErrorContext): LatheError {
  return new LatheError(
    FUSED_AWAY,
    `${DEVICE_NAMES[device]} merged the nodes that make one of the wanted values into a single one and gives nothing there any more; open the model with basic optimization.`,
  );
}

export function wrongOperandType(type: string, op: string, node: string): LatheError {
  return new LatheError(
    'unsupported-operator',
    `The operator ${op} (node "${node}") does not take the type ${type}; cast its inputs, or export it with another dtype.`,
    { op, node, type },
  );
}

export function missingWeights(file: string): LatheError {
  return new LatheError(
    'external-data-missing',
    `The model keeps weights in the file "${file}", which was not given; open the whole model folder.`,
    { file },
  );
}

export function failedNode(op: string, node: string, text: string): LatheError {
  return new LatheError(
    'node-failed',
    `The operator ${op} (node "${node}") failed while running and says: ${readable(text)}`,
    { op, node, cause: text.slice(0, 2000) },
  );
}

/** The part of an ORT message worth reading: no error code, no C++ file, signature or condition. */
function readable(text: string): string {
  return text
    .trim()
    .split('\n', 1)[0]
    .replace(/^.*?ERROR_MESSAGE:\s*/, '')
    .replace(
      /^(?:Exception during initialization: )?\/\S+\.(?:cc|h):\d+ .*?(?:was false\. |(?=\[ONNXRuntimeError\]))/,
      '',
    )
    .replace(/^\[ONNXRuntimeError\] : \d+ : \w+ : /, '')
    .slice(0, 400);
}

function formatBytes(bytes: number): string {
  return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
