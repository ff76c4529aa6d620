import { LatheError } from '../core/errors/lathe-error.ts';
import type { Device } from './types.ts';

/** Where an onnxruntime error came from, for the sentence it becomes. */
export interface ErrorContext {
  readonly device: Device;
  readonly action: 'open' | 'run';
  /** Bytes handed over (model with weights, or feeds), for out-of-memory sentences. */
  readonly bytes?: number;
}

interface Rule {
  readonly pattern: RegExp;
  readonly explain: (match: RegExpMatchArray, context: ErrorContext) => LatheError;
}

const DEVICE_NAMES: Record<Device, string> = {
  wasm: 'WebAssembly',
  webgpu: 'WebGPU',
  node: 'onnxruntime-node',
};

/** Ordered: the first pattern that fits names the failure. Patterns are onnxruntime 1.30's own words. */
const RULES: readonly Rule[] = [
  {
    pattern: /device (?:was |is )?lost|device is destroyed|GPUDevice.*destroyed|DeviceLost/i,
    explain: () => deviceLost(),
  },
  {
    pattern: /requires f16 but the device does not support it|shader-f16/,
    explain: () => float16Refused(),
  },
  {
    pattern:
      /Could not find an implementation for (?:[\w.]+:)?(\w+)\((\d+)\) node with name '([^']*)'/,
    explain: (m, c) => unsupportedOperator(m[1] ?? '', m[3] ?? '', c),
  },
  {
    pattern: /(?:Fatal error: )?([\w.]+:)?(\w+)\((-?\d+)\) is not a registered function\/op/,
    explain: (m, c) => unsupportedOperator(m[2] ?? '', '', c),
  },
  {
    pattern: /No Op registered for (\w+) with domain_version of (\d+)/,
    explain: (m, c) => unsupportedOperator(m[1] ?? '', '', c),
  },
  {
    pattern: /input '([^']+)' is missing in 'feeds'/,
    explain: (m) => missingInput(m[1] ?? ''),
  },
  {
    pattern:
      /bad_alloc|out of memory|Array buffer allocation failed|Invalid typed array length|Failed to allocate memory|Can't create a session\. failed to allocate|Out of bounds memory growth|MapAsync.*memory/i,
    explain: (_, c) => outOfMemory(c),
  },
  {
    pattern: /Got invalid dimensions for input: (\S+)[\s\S]*?(index: \d+ Got: \d+ Expected: \d+)/,
    explain: (m) => badShape(m[1] ?? '', m[2] ?? ''),
  },
  {
    pattern: /Invalid rank for input: (\S+) (Got: \d+ Expected: \d+)/,
    explain: (m) => badShape(m[1] ?? '', `rank ${m[2] ?? ''}`),
  },
  {
    pattern:
      /Unexpected input data type\. Actual: \(tensor\((\w+)\)\)\s*,\s*expected: \(tensor\((\w+)\)\)/,
    explain: (m) => badType(m[1] ?? '', m[2] ?? ''),
  },
  {
    pattern:
      /indices element out of data bounds, idx=(-?\d+) must be within the inclusive range \[(-?\d+),(-?\d+)\]/,
    explain: (m) => badIndex(m[1] ?? '', m[3] ?? ''),
  },
  {
    pattern:
      /another WebGPU EP inference session is being created|previous call to 'initializeWebAssembly\(\)' failed|no available backend found/,
    explain: (m, c) => runtimeBroken(m.input ?? '', c),
  },
  {
    pattern: /protobuf parsing failed|Failed to load model because protobuf|INVALID_PROTOBUF/i,
    explain: () => invalidModel(),
  },
];

/** Any failure of onnxruntime as one sentence. A {@link LatheError} passes through unchanged. */
export function explainOrtError(error: unknown, context: ErrorContext): LatheError {
  if (error instanceof LatheError) return error;
  // A C++ exception that escapes the wasm module surfaces as its address: a bare number.
  if (typeof error === 'number') return aborted(error, context);
  const text = error instanceof Error ? error.message : String(error);
  for (const { pattern, explain } of RULES) {
    const match = text.match(pattern);
    if (match) return explain(match, context);
  }
  if (/^\s*\d{4,}\s*$/.test(text)) return aborted(Number(text), context);
  return unknownFailure(text, context);
}

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

function unsupportedOperator(op: string, node: string, { device }: ErrorContext): LatheError {
  const where = node === '' ? '' : ` (node "${node}")`;
  const elsewhere =
    device === 'webgpu' ? 'run it on WebAssembly' : 'export it with standard operators';
  return new LatheError(
    'unsupported-operator',
    `The operator ${op}${where} has no implementation on ${DEVICE_NAMES[device]} in this version of onnxruntime, so the model cannot run here; ${elsewhere}.`,
    { op, node, device },
  );
}

function missingInput(name: string): LatheError {
  return new LatheError(
    'missing-input',
    `The model needs an input named "${name}", but the data holds none; add an array of that name to the data.`,
    { name },
  );
}

function outOfMemory({ device, action, bytes }: ErrorContext): LatheError {
  const needed = bytes === undefined ? '' : ` for ${formatBytes(bytes)} of data`;
  const what = action === 'open' ? 'loading the model' : 'running the model';
  const limit = device === 'wasm' ? ' (WebAssembly ends at 4 GiB)' : '';
  const remedy =
    action === 'open'
      ? 'close other tabs, or take WebGPU or the command line'
      : 'take shorter windows or smaller batches';
  return new LatheError(
    'out-of-memory',
    `Memory ran out while ${what}${needed}${limit}; ${remedy}.`,
    bytes === undefined ? { device } : { device, bytes },
  );
}

function badShape(name: string, found: string): LatheError {
  const said = found.replace(/\s+/g, ' ').replace('Got:', 'got').replace('Expected:', 'expected');
  return new LatheError(
    'input-shape',
    `The array for the input "${name}" has the wrong shape (${said.replace('index:', 'dimension')}); reshape the data to what the model declares.`,
    { name },
  );
}

function badType(actual: string, expected: string): LatheError {
  return new LatheError(
    'input-type',
    `An input array is of type ${actual}, but the model expects ${expected}; convert the data.`,
    { actual, expected },
  );
}

function badIndex(index: string, last: string): LatheError {
  return new LatheError(
    'index-out-of-range',
    `The data holds the index ${index}, but the model's table ends at ${last}; the tokenizer or the labels do not fit this model.`,
    { index, last },
  );
}

function runtimeBroken(text: string, { device }: ErrorContext): LatheError {
  return new LatheError(
    'runtime-broken',
    `${DEVICE_NAMES[device]} could not be started or did not recover from an earlier failure; start a fresh worker.`,
    { cause: firstLine(text) },
  );
}

function invalidModel(): LatheError {
  return new LatheError(
    'invalid-model',
    'onnxruntime cannot read this model: the file is damaged or is not an ONNX graph; open an intact .onnx file.',
  );
}

function aborted(code: number, { device, action }: ErrorContext): LatheError {
  const what = action === 'open' ? 'loading' : 'running';
  return new LatheError(
    'runtime-aborted',
    `${DEVICE_NAMES[device]} stopped while ${what} the model and gave only the number ${code}, most often because memory ran out; start a fresh worker and take a smaller model or shorter windows.`,
    { code },
  );
}

function unknownFailure(text: string, { device, action }: ErrorContext): LatheError {
  const what = action === 'open' ? 'load' : 'run';
  return new LatheError(
    'runtime-failed',
    `${DEVICE_NAMES[device]} could not ${what} the model and says: ${firstLine(text)}`,
    { cause: text.slice(0, 2000) },
  );
}

/** The part of an ORT message worth reading: no source file, no error code. */
function firstLine(text: string): string {
  const line = text.split('\n', 1)[0] ?? '';
  return line.replace(/^.*?ERROR_MESSAGE:\s*/, '').slice(0, 400);
}

function formatBytes(bytes: number): string {
  return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
