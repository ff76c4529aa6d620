import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSampleIndex } from '../../src/core/data/samples.ts';
import type { Sample, SampleIndex } from '../../src/core/data/samples.ts';

export const SAMPLES = fileURLToPath(new URL('../../public/samples/', import.meta.url));

/** Trials measured on a sample, beside its model. */
export const TRIALS = 'trials.json';

/** A file to ship: text, a JSON value or bytes. */
export type Content = string | Uint8Array | { readonly json: unknown };

/** Writes the files of one sample and its entry in `index.json`; other samples stay as they are. */
export function shipSample(
  entry: Omit<Sample, 'files'>,
  contents: Readonly<Record<string, Content>>,
): void {
  const folder = join(SAMPLES, entry.name);
  mkdirSync(folder, { recursive: true });
  const files = Object.entries(contents).map(([path, content]) => {
    const bytes = bytesOf(content);
    writeFileSync(join(folder, path), bytes);
    return { path, bytes: bytes.length, sha256: sha256(bytes) };
  });
  const others = readIndex().samples.filter(({ name }) => name !== entry.name);
  const samples = [...others, { ...entry, files }].sort((a, b) => (a.name < b.name ? 1 : -1));
  const index = parseSampleIndex({ version: 1, samples });
  writeFileSync(join(SAMPLES, 'index.json'), bytesOf({ json: index }));
}

/** Changes the entry of one sample in `index.json`. */
export function changeSample(name: string, change: (sample: Sample) => Sample): void {
  const samples = readIndex().samples.map((sample) =>
    sample.name === name ? change(sample) : sample,
  );
  const index = parseSampleIndex({ version: 1, samples });
  writeFileSync(join(SAMPLES, 'index.json'), bytesOf({ json: index }));
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Refuses a source that is not the one the figures were measured on. */
export function readChecked(path: string, expected: string): Uint8Array {
  const bytes = new Uint8Array(readFileSync(path));
  if (sha256(bytes) !== expected) throw new Error(`${path} is not the expected file`);
  return bytes;
}

function readIndex(): SampleIndex {
  const path = join(SAMPLES, 'index.json');
  if (!existsSync(path)) return { version: 1, samples: [] };
  return parseSampleIndex(JSON.parse(readFileSync(path, 'utf8')));
}

function bytesOf(content: Content): Uint8Array {
  if (content instanceof Uint8Array) return content;
  const text = typeof content === 'string' ? content : `${JSON.stringify(content.json, null, 2)}\n`;
  return new TextEncoder().encode(text);
}
