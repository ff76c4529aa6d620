import { LatheError } from '../core/errors/lathe-error.ts';
import * as say from './ort-sentences.ts';
import type { ErrorContext } from './ort-sentences.ts';

interface Rule {
  readonly pattern: RegExp;
  readonly explain: (match: RegExpMatchArray, context: ErrorContext) => LatheError;
}

/** Ordered: the first pattern that fits names the failure. Patterns are onnxruntime 1.30's own words. */
const RULES: readonly Rule[] = [
  {
    pattern: /device (?:was |is )?lost|device is destroyed|GPUDevice.*destroyed|DeviceLost/i,
    explain: () => say.deviceLost(),
  },
  {
    pattern: /requires f16 but the device does not support it|shader-f16/,
    explain: () => say.float16Refused(),
  },
  {
    pattern:
      /Could not find an implementation for (?:[\w.]+:)?(\w+)\((\d+)\) node with name '([^']*)'/,
    explain: (m, c) => say.unsupportedOperator(m[1] ?? '', m[3] ?? '', c),
  },
  {
    pattern: /(?:Fatal error: )?([\w.]+:)?(\w+)\((-?\d+)\) is not a registered function\/op/,
    explain: (m, c) => say.unsupportedOperator(m[2] ?? '', '', c),
  },
  {
    pattern: /No Op registered for (\w+) with domain_version of (\d+)/,
    explain: (m, c) => say.unsupportedOperator(m[1] ?? '', '', c),
  },
  {
    pattern:
      /Type Error: Type 'tensor\((\w+)\)' of input parameter \([^)]*\) of operator \((\w+)\) in node \((.*?)\) is invalid/,
    explain: (m) => say.wrongOperandType(m[1] ?? '', m[2] ?? '', m[3] ?? ''),
  },
  {
    pattern:
      /Failed to load external data file "+(.*?)"|External data path does not exist: "(?:.*[/\\])?(.*?)"/,
    explain: (m) => say.missingWeights(m[1] ?? m[2] ?? ''),
  },
  {
    pattern: /input '([^']+)' is missing in 'feeds'/,
    explain: (m) => say.missingInput(m[1] ?? ''),
  },
  {
    pattern: /Failed to allocate memory for requested buffer of size (\d+)/,
    explain: (m, c) => say.outOfMemory({ ...c, bytes: Number(m[1]) }),
  },
  {
    pattern:
      /bad_alloc|out of memory|Tensor shape is too large|Array buffer allocation failed|Invalid typed array length|Can't create a session\. failed to allocate|Out of bounds memory growth|MapAsync.*memory/i,
    explain: (_, c) => say.outOfMemory(c),
  },
  {
    pattern: /Got invalid dimensions for input: (\S+)[\s\S]*?(index: \d+ Got: \d+ Expected: \d+)/,
    explain: (m) => say.badShape(m[1] ?? '', m[2] ?? ''),
  },
  {
    pattern: /Invalid rank for input: (\S+) (Got: \d+ Expected: \d+)/,
    explain: (m) => say.badShape(m[1] ?? '', `rank ${m[2] ?? ''}`),
  },
  {
    pattern:
      /Unexpected input data type\. Actual: \(tensor\((\w+)\)\)\s*,\s*expected: \(tensor\((\w+)\)\)/,
    explain: (m) => say.badType(m[1] ?? '', m[2] ?? ''),
  },
  {
    pattern:
      /indices element out of data bounds, idx=(-?\d+) must be within the inclusive range \[(-?\d+),(-?\d+)\]/,
    explain: (m) => say.badIndex(m[1] ?? '', m[3] ?? ''),
  },
  {
    pattern:
      /another WebGPU EP inference session is being created|previous call to 'initializeWebAssembly\(\)' failed|no available backend found/,
    explain: (m, c) => say.runtimeBroken(m.input ?? '', c),
  },
  {
    pattern: /Reading data from non-tensor typed value/,
    explain: (_, c) => say.outputFusedAway(c),
  },
  {
    pattern: /protobuf parsing failed|Failed to load model because protobuf|INVALID_PROTOBUF/i,
    explain: () => say.invalidModel(),
  },
  {
    pattern:
      /Non-zero status code returned while running (\w+) node\. Name:'([^']*)' Status Message: ([\s\S]*)/,
    explain: (m) => say.failedNode(m[1] ?? '', m[2] ?? '', m[3] ?? ''),
  },
];

/** Any failure of onnxruntime as one sentence. A {@link LatheError} passes through unchanged. */
export function explainOrtError(error: unknown, context: ErrorContext): LatheError {
  if (error instanceof LatheError) return error;
  // A C++ exception that escapes the wasm module surfaces as its address: a bare number.
  if (typeof error === 'number') return say.aborted(error, context);
  const text = error instanceof Error ? error.message : String(error);
  for (const { pattern, explain } of RULES) {
    const match = text.match(pattern);
    if (match) return explain(match, context);
  }
  if (/^\s*\d{4,}\s*$/.test(text)) return say.aborted(Number(text), context);
  return say.unknownFailure(text, context);
}
