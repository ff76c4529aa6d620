import { createSHA256 } from 'hash-wasm';
import { bytesOf } from '../core/data/fingerprint.ts';
import type { Dataset } from '../core/data/types.ts';
import type { ByteSource, TensorData } from '../core/onnx/types.ts';

const CHUNK = 4 * 1024 * 1024;

type Part = Uint8Array | TensorData | ByteSource;

async function* chunksOf(part: Part): AsyncGenerator<Uint8Array> {
  if (part instanceof Uint8Array) {
    yield part;
    return;
  }
  for (let offset = 0; offset < part.byteLength; offset += CHUNK) {
    yield await part.read(offset, Math.min(CHUNK, part.byteLength - offset));
  }
}

/** SHA-256 (hex) of the concatenated parts, read in pieces: a model is never held whole for this. */
export async function sha256Of(parts: Iterable<Part>): Promise<string> {
  const hash = await createSHA256();
  for (const part of parts) {
    for await (const chunk of chunksOf(part)) hash.update(chunk);
  }
  return hash.digest('hex');
}

/** SHA-256 (hex) of a JSON value with sorted keys, so that equal values have equal keys. */
export async function sha256OfJson(value: unknown): Promise<string> {
  return sha256Of([new TextEncoder().encode(canonicalJson(value))]);
}

/** JSON with keys in sorted order and `undefined` left out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const entries = Object.entries(value)
    .filter(([, v]) => v !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, v]) => `${JSON.stringify(key)}:${canonicalJson(v)}`);
  return `{${entries.join(',')}}`;
}

/** SHA-256 (hex) of what a dataset holds, whatever it is called and however it was stored. */
export async function sha256OfDataset(dataset: Dataset): Promise<string> {
  if (dataset.kind === 'pairs') {
    const { sources, targets } = dataset;
    return sha256OfJson({ sources, targets });
  }
  const labels = dataset.labels && (await sha256Of([bytesOf(dataset.labels)]));
  if (dataset.kind === 'text') {
    const { documents, writtenLabels } = dataset;
    return sha256OfJson({ documents, labels, writtenLabels });
  }
  const arrays: Record<string, unknown> = {};
  for (const [name, { dataType, dims, data }] of Object.entries(dataset.arrays)) {
    arrays[name] = { dataType, dims, data: await sha256Of([bytesOf(data)]) };
  }
  const lengths = dataset.ragged && (await sha256Of([bytesOf(dataset.ragged.lengths)]));
  const classes = dataset.positionLabels;
  const positions = classes && (await sha256Of([bytesOf(classes.values)]));
  return sha256OfJson({ arrays, labels, positions, lengths });
}
