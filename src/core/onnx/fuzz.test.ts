import { describe, expect, it } from 'vitest';
import { fixtureModels, plain, slowSource, withoutOrigin } from '../../../test/support/onnx.ts';
import { LatheError } from '../errors/lathe-error.ts';
import { model as modelCodec } from './proto/model.ts';
import { readModel } from './read.ts';
import { bytesSource } from './source.ts';
import type { Model } from './types.ts';
import { validateModel } from './validate.ts';
import { constantTensors } from './weights.ts';
import { Input } from './wire/input.ts';
import { scanModel } from './wire/scan.ts';
import { writeModel } from './write.ts';

const MUTATIONS = 24_000;

/** mulberry32: the same mutations on every run. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

type Random = ReturnType<typeof randomFrom>;
type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array;

const concat = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

const MUTATE: readonly Mutation[] = [
  function flipBits(bytes, random) {
    const out = bytes.slice();
    for (let n = random(4); n >= 0; n--) out[random(out.length)] ^= 1 << random(8);
    return out;
  },
  function replaceBytes(bytes, random) {
    const out = bytes.slice();
    for (let n = random(4); n >= 0; n--) out[random(out.length)] = random(256);
    return out;
  },
  (bytes, random) => bytes.slice(0, random(bytes.length)),
  // Lengths and counts are single bytes in small files: extremes find unchecked ones.
  function extremeByte(bytes, random) {
    const out = bytes.slice();
    out[random(out.length)] = [0, 1, 0x7f, 0x80, 0xff][random(5)];
    return out;
  },
  function longVarint(bytes, random) {
    const at = random(bytes.length);
    const huge = Uint8Array.from({ length: 1 + random(11) }, () => 0xff);
    return concat(bytes.slice(0, at), huge, Uint8Array.of(random(128)), bytes.slice(at + 1));
  },
  function splice(bytes, random) {
    const from = random(bytes.length);
    const piece = bytes.slice(from, from + random(64));
    const at = random(bytes.length);
    return concat(bytes.slice(0, at), piece, bytes.slice(at + random(16)));
  },
  function nest(bytes, random) {
    // The file wrapped into itself as a graph field, over and over: depth must be bounded.
    let out = bytes.slice(0, 16);
    const tag = [0x3a, 0x0a, 0x2a, 0x32][random(4)];
    for (let n = random(100); n >= 0 && out.length < 120; n--) {
      out = concat(Uint8Array.of(tag, out.length), out);
    }
    return out;
  },
];

/** What a model would take when all of it was read must be a small multiple of the file. */
function checkSizes(model: Model, fileBytes: number): void {
  const tensors = constantTensors(model.graph);
  const bytes = tensors.reduce((sum, { tensor }) => sum + tensor.data.byteLength, 0);
  expect(bytes).toBeLessThanOrEqual(8 * fileBytes);
  expect(tensors.length + model.graph.nodes.length).toBeLessThan(fileBytes);
}

/** The path for large files, with every payload of 16 bytes and more left out of memory. */
async function readWithHoles(bytes: Uint8Array): Promise<Model> {
  const source = slowSource(bytes);
  const model = modelCodec.read(new Input(await scanModel(source, 16)));
  // Small reads ahead overlap nothing, so no byte is asked for twice.
  expect(source.bytesRead).toBeLessThanOrEqual(bytes.length);
  validateModel(model);
  return model;
}

async function outcome(read: () => Promise<Model>): Promise<Model | string> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof LatheError) return error.code;
    throw error;
  }
}

/** Reading all tensors is part of the test: some contents are decoded only then. */
async function contents(model: Model): Promise<unknown> {
  try {
    return await plain(model);
  } catch (error) {
    if (error instanceof LatheError) return undefined;
    throw error;
  }
}

describe('a damaged model', () => {
  it(`is a model or one LatheError, in ${MUTATIONS} mutations of real files`, async () => {
    const files = fixtureModels();
    const small = files.filter(({ bytes }) => bytes.length < 8192);
    const random = randomFrom(20251122);
    const counts = new Map<string, number>();
    const residentBefore = process.memoryUsage().rss;
    for (let n = 0; n < MUTATIONS; n++) {
      const { bytes } = n % 40 === 0 ? files[random(files.length)] : small[random(small.length)];
      const mutated = MUTATE[n % MUTATE.length](bytes, random);
      const result = await outcome(() => readModel(bytesSource(mutated)));
      if (n % 4 === 0) {
        const other = await outcome(() => readWithHoles(mutated));
        if (typeof other !== typeof result) expect.fail(`mutation ${n}: the two readers disagree`);
        if (typeof other !== 'string' && typeof result !== 'string') {
          if (n % 16 === 0) expect(await contents(other)).toEqual(await contents(result));
          if (Buffer.compare(await writeModel(other), mutated) !== 0) expect.fail(`mutation ${n}`);
        }
      }
      const key = typeof result === 'string' ? result : 'model';
      counts.set(key, (counts.get(key) ?? 0) + 1);
      if (typeof result === 'string') continue;
      checkSizes(result, mutated.length);
      if (Buffer.compare(await writeModel(result), mutated) !== 0) {
        expect.fail(`mutation ${n} is not written back as it was`);
      }
      if (n % 5 !== 0) continue;
      const before = await contents(result);
      if (before === undefined) continue;
      const again = await readModel(bytesSource(await writeModel(withoutOrigin(result))));
      expect(await contents(again)).toEqual(before);
    }
    expect([...counts.values()].reduce((a, b) => a + b)).toBe(MUTATIONS);
    expect(counts.get('model')).toBeGreaterThan(1000);
    expect(counts.size).toBeGreaterThan(10);
    // One length that is believed would ask for gigabytes.
    expect(process.memoryUsage().rss - residentBefore).toBeLessThan(512 * 2 ** 20);
  }, 300_000);
});
