import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ByteSource, Model, TensorData } from '../../src/core/onnx/types.ts';
import { ONNX_TEST_DATA } from '../../tools/onnx-test-data.ts';

export interface ModelFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const FIXTURES = fileURLToPath(new URL('../fixtures/onnx/', import.meta.url));

function modelsUnder(folder: string): ModelFile[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return paths
    .filter((path) => path.endsWith('.onnx'))
    .sort()
    .map((path) => ({ name: path, bytes: new Uint8Array(readFileSync(join(folder, path))) }));
}

/** The small models that are part of the repository. */
export function fixtureModels(): readonly ModelFile[] {
  return modelsUnder(FIXTURES);
}

export function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(FIXTURES, basename(name))));
}

/** All models of Debian's libonnx-testdata; only for tests that run where `hasOnnxTestData()`. */
export function debianModels(): readonly ModelFile[] {
  return modelsUnder(ONNX_TEST_DATA);
}

function isData(value: object): value is TensorData {
  return 'byteLength' in value && 'read' in value;
}

/** A deep copy, so that the writer knows nothing of where it came from and encodes every field. */
export function withoutOrigin<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutOrigin) as T;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array || isData(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, withoutOrigin(v)])) as T;
}

/** The model as plain values that `toEqual` can compare: tensor bytes in hexadecimal, no undefined. */
export async function plain(value: unknown): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map(plain));
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (isData(value)) return Buffer.from(await value.read()).toString('hex');
  const entries = Object.entries(value).filter(([, v]) => v !== undefined);
  return Object.fromEntries(await Promise.all(entries.map(async ([k, v]) => [k, await plain(v)])));
}

/** A source without `readSync`, as a File or a disk is, that counts what it is asked for. */
export function slowSource(bytes: Uint8Array): ByteSource & { bytesRead: number; reads: number } {
  return {
    byteLength: bytes.byteLength,
    bytesRead: 0,
    reads: 0,
    async read(offset, length) {
      this.bytesRead += length;
      this.reads++;
      return bytes.slice(offset, offset + length);
    },
  };
}

/** `model` with one initializer replaced. */
export function replaceInitializer(model: Model, index: number, data: TensorData): Model {
  const initializers = model.graph.initializers.map((tensor, i) =>
    i === index ? { ...tensor, data } : tensor,
  );
  return { ...model, graph: { ...model.graph, initializers } };
}
