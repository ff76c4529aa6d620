import { bytesOf } from '../core/data/fingerprint.ts';
import type { Dataset } from '../core/data/types.ts';
import type { ByteSource, TensorData } from '../core/onnx/types.ts';
import { createHasher, digestWhole, hashesNatively } from './hasher.ts';

const CHUNK = 4 * 1024 * 1024;
/** A page's own SHA-256 takes whole arrays only: what is larger goes to a slower one, piece by piece. */
const WHOLE_UP_TO = 256 * 2 ** 20;
/** Below this, reading whole gains nothing. */
const WHOLE_FROM = 2 ** 20;

type Part = Uint8Array | TensorData | ByteSource;

async function* chunksOf(part: Part): AsyncGenerator<Uint8Array> {
  if (part instanceof Uint8Array) {
    yield part;
    return;
  }
  const read = (offset: number): Promise<Uint8Array> | undefined =>
    offset < part.byteLength
      ? part.read(offset, Math.min(CHUNK, part.byteLength - offset))
      : undefined;
  let next = read(0);
  for (let offset = CHUNK; next !== undefined; offset += CHUNK) {
    const chunk = await next;
    // The next piece is read while this one is hashed.
    next = read(offset);
    next?.catch(() => {});
    yield chunk;
  }
}

/** SHA-256 (hex) of the concatenated parts, read in pieces: a large model is never held whole for this. */
export async function sha256Of(parts: Iterable<Part>): Promise<string> {
  const all = [...parts];
  return (await wholeSha256(all)) ?? streamedSha256(all);
}

async function streamedSha256(parts: readonly Part[]): Promise<string> {
  const hash = await createHasher();
  for (const part of parts) {
    for await (const chunk of chunksOf(part)) hash.update(chunk);
  }
  return hash.digest();
}

async function wholeSha256(parts: readonly Part[]): Promise<string | undefined> {
  const [part] = parts;
  if (parts.length !== 1 || hashesNatively()) return undefined;
  if (part.byteLength < WHOLE_FROM || part.byteLength > WHOLE_UP_TO) return undefined;
  return digestWhole(part instanceof Uint8Array ? part : await part.read(0, part.byteLength));
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
