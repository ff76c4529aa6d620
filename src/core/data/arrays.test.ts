import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { LatheError } from '../errors/lathe-error.ts';
import { seededRandom } from '../random/seeded.ts';
import { DataType } from '../tensor/data-type.ts';
import { crc32 } from './crc32.ts';
import { checkPositionLabels } from './position-labels.ts';
import { checkLabels, sliceExamples } from './examples.ts';
import { readNpy } from './npy.ts';
import { parseDataset } from './parse-dataset.ts';
import { readZip } from './zip.ts';

/** An .npy file written by hand, with numpy's spacing. */
function npy(descr: string, shape: string, values: ArrayBufferView, order = 'False'): Uint8Array {
  const text = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`;
  const header = `${text.padEnd(117)}\n`;
  const body = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return new Uint8Array(
    Buffer.concat([
      Buffer.from([0x93]),
      Buffer.from('NUMPY\x01\x00\x76\x00'),
      Buffer.from(header),
      body,
    ]),
  );
}

interface Entry {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly method?: number;
  readonly claimed?: number;
  readonly flags?: number;
}

/** A zip written by hand from its specification; local headers carry an extra field, as numpy's do. */
function zip(entries: readonly Entry[]): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes, method = 8, claimed = bytes.length, flags = 0 } of entries) {
    const body = method === 8 ? deflateRawSync(bytes) : Buffer.from(bytes);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(body.length, 14);
    common.writeUInt32LE(claimed, 18);
    common.writeUInt16LE(name.length, 22);
    const central = Buffer.alloc(14);
    central.writeUInt32LE(offset, 10);
    directory.push(
      Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, central, Buffer.from(name)]),
    );
    common.writeUInt16LE(4, 24);
    const local = [Buffer.from('PK\x03\x04'), common, Buffer.from(name), Buffer.alloc(4), body];
    parts.push(...local);
    offset += local.reduce((sum, part) => sum + part.length, 0);
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(offset, 12);
  return new Uint8Array(Buffer.concat([...parts, ...directory, Buffer.from('PK\x05\x06'), end]));
}

const images = npy(
  '|u1',
  '(3, 2, 2)',
  Uint8Array.from({ length: 12 }, (_, i) => i),
);
const labels = npy('<i8', '(3,)', BigInt64Array.of(2n, 0n, 1n));

describe('crc32', () => {
  it('gives the check value of the standard', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  });
});

describe('readNpy', () => {
  it.each([
    ['<f4', Float32Array.of(1.5, -2), DataType.float32],
    ['<f8', Float64Array.of(1.5, -2), DataType.float64],
    ['<f2', Uint16Array.of(0x3c00, 0xc000), DataType.float16],
    ['<i4', Int32Array.of(1, -2), DataType.int32],
    ['<u8', BigUint64Array.of(1n, 2n), DataType.uint64],
    ['|b1', Uint8Array.of(1, 0), DataType.bool],
  ] as const)('reads %s', (descr, values, dataType) => {
    expect(readNpy(npy(descr, '(2,)', values), 'a')).toEqual({ dataType, dims: [2], data: values });
  });

  it('reads a scalar and an array at an odd offset', () => {
    expect(readNpy(npy('<f4', '()', Float32Array.of(3)), 'a').dims).toEqual([]);
    const shifted = new Uint8Array(images.length + 1);
    shifted.set(images, 1);
    expect(readNpy(shifted.subarray(1), 'a').data[11]).toBe(11);
  });

  it('says what it cannot read', () => {
    const floats = Float32Array.of(1, 2);
    expect(() => readNpy(npy('>f4', '(2,)', floats), 'x.npy')).toThrow(
      'The array file "x.npy" holds values of type ">f4", which is not supported; convert it with array.astype to plain little-endian numbers in C order and save it again.',
    );
    expect(() => readNpy(npy('<f4', '(2,)', floats, 'True'), 'x.npy')).toThrow(
      'The array file "x.npy" is stored column by column, which is not supported; convert it with numpy.ascontiguousarray to plain little-endian numbers in C order and save it again.',
    );
    expect(() => readNpy(npy('<f4', '(3,)', floats), 'x.npy')).toThrow(
      'The array file "x.npy" cannot be read: it holds 8 bytes where its shape needs 12; save it again with numpy.save or numpy.savez.',
    );
    expect(() => readNpy(new Uint8Array(20), 'x.npy')).toThrow(
      'The array file "x.npy" cannot be read: it does not begin as a numpy array does; save it again with numpy.save or numpy.savez.',
    );
    expect(() => readNpy(images.subarray(0, 40), 'x.npy')).toThrow(/it is cut off/);
  });
});

describe('readZip', () => {
  it('reads stored and deflated entries and skips folders', () => {
    const file = zip([
      { name: 'a/', bytes: new Uint8Array(), method: 0 },
      { name: 'a/stored', bytes: images, method: 0 },
      { name: 'deflated', bytes: images },
    ]);
    const entries = readZip(file, 'z');
    expect(entries.map(({ name, size }) => [name, size])).toEqual([
      ['a/stored', images.length],
      ['deflated', images.length],
    ]);
    for (const entry of entries) expect(entry.read()).toEqual(images);
  });

  it('says what is wrong', () => {
    expect(() => readZip(new Uint8Array(100), 'z.npz')).toThrow(
      'The archive "z.npz" is damaged: its table of contents is missing; fetch or save it again.',
    );
    expect(() => readZip(zip([{ name: 'a', bytes: images, flags: 1 }]), 'z.npz')).toThrow(
      'The archive "z.npz" is encrypted, which is not supported; save it again as a plain zip (numpy.savez does).',
    );
    expect(() => readZip(zip([{ name: 'a', bytes: images, method: 12 }]), 'z.npz')).toThrow(
      'The archive "z.npz" uses a rare compression method, which is not supported; save it again as a plain zip (numpy.savez does).',
    );
    const file = zip([{ name: 'a', bytes: images, method: 0 }]);
    file[60] ^= 1;
    expect(() => readZip(file, 'z.npz')[0].read()).toThrow(
      'The archive "z.npz" is damaged: the contents of "a" are not what was packed; fetch or save it again.',
    );
  });

  it('allocates nothing for sizes that cannot be', () => {
    const bomb = zip([{ name: 'a', bytes: images, claimed: 2 ** 31 - 1 }]);
    expect(() => readZip(bomb, 'z.npz')).toThrow(
      'The archive "z.npz" is damaged: the size of "a" is impossible; fetch or save it again.',
    );
    const more = zip([{ name: 'a', bytes: images, claimed: images.length + 5 }]);
    expect(() => readZip(more, 'z.npz')[0].read()).toThrow(/not what was packed/);
  });
});

describe('parseDataset of arrays', () => {
  const file = (entries: Entry[]) => ({ name: 'd.npz', bytes: zip(entries) });
  const both = [
    { name: 'image.npy', bytes: images },
    { name: 'labels.npy', bytes: labels },
  ];

  it('reads named arrays and labels, and slices them', () => {
    const dataset = parseDataset(file(both));
    if (dataset.kind !== 'examples') throw new Error('arrays expected');
    expect(dataset.count).toBe(3);
    expect(dataset.labels).toEqual(Int32Array.of(2, 0, 1));
    const slice = sliceExamples(dataset, 1, 9);
    expect(slice.count).toBe(2);
    expect(slice.labels).toEqual(Int32Array.of(0, 1));
    expect(slice.arrays.image).toEqual({
      dataType: DataType.uint8,
      dims: [2, 2, 2],
      data: Uint8Array.of(4, 5, 6, 7, 8, 9, 10, 11),
    });
  });

  it('reads a class for each position, and slices those', () => {
    const tags = npy('|i1', '(3, 2)', Int8Array.of(1, -100, 0, 2, -100, 1));
    const dataset = parseDataset(file([both[0], { name: 'labels.npy', bytes: tags }]));
    if (dataset.kind !== 'examples') throw new Error('arrays expected');
    expect(dataset.labels).toBeUndefined();
    const values = Int32Array.of(1, -100, 0, 2, -100, 1);
    expect(dataset.positionLabels).toEqual({ width: 2, values });
    expect(sliceExamples(dataset, 1, 3).positionLabels).toEqual({
      width: 2,
      values: Int32Array.of(0, 2, -100, 1),
    });
    const check = (classes: number) => checkPositionLabels('d.npz', { width: 2, values }, classes);
    expect(() => check(3)).not.toThrow();
    expect(() => check(2)).toThrow(
      'Position 2 of example 2 of "d.npz" has the label 2, but the model tells 2 classes apart (0 to 1, -100 for none); use data whose labels are the model\'s classes.',
    );
  });

  it('names a lone .npy array after its file', () => {
    const dataset = parseDataset({ name: 'data/pixel_values.npy', bytes: images });
    expect(dataset).toMatchObject({ kind: 'examples', count: 3 });
    expect(dataset.kind === 'examples' && Object.keys(dataset.arrays)).toEqual(['pixel_values']);
  });

  it('says what is wrong', () => {
    expect(() => parseDataset(file([both[1]]))).toThrow(
      'The data "d.npz" holds no input array; add the array that the model\'s input takes, under that input\'s name.',
    );
    const two = npy('|u1', '(2,)', Uint8Array.of(0, 1));
    expect(() => parseDataset(file([both[0], { name: 'mask.npy', bytes: two }]))).toThrow(
      'The arrays "image" and "mask" in "d.npz" hold 3 and 2 examples; the first dimension of all arrays must be the same.',
    );
    expect(() => parseDataset(file([both[0], { name: 'labels.npy', bytes: two }]))).toThrow(
      'The labels in "d.npz" have the shape [2], but one whole number for each of the 3 examples, or for each of their positions, is needed; store class indices from 0.',
    );
    const none = npy('|u1', '(0, 2)', new Uint8Array());
    expect(() => parseDataset(file([{ name: 'image.npy', bytes: none }]))).toThrow(
      'The array "image" in "d.npz" holds no examples; its first dimension must count them.',
    );
    expect(() => parseDataset({ name: 'd.onnx', bytes: images })).toThrow(
      'The file "d.onnx" is no data that can be read; give a .txt, .csv, .tsv, .jsonl, .npz, .npy or .parquet file, or a .zip of pictures.',
    );
    expect(() => checkLabels(parseDataset(file(both)), 2)).toThrow(
      'Example 1 of "d.npz" has the label 2, but the model tells 2 classes apart (0 to 1); use data whose labels are the model\'s classes.',
    );
    checkLabels(parseDataset(file(both)), 3);
  });

  it('answers 3000 mutated files with a dataset or a sentence', () => {
    const random = seededRandom(3);
    const good = zip(both);
    for (let round = 0; round < 3000; round++) {
      const bytes = good.slice(0, random.next() < 0.3 ? random.next() * good.length : undefined);
      for (let n = 0; n < 3 && bytes.length > 0; n++) {
        bytes[Math.floor(random.next() * bytes.length)] = Math.floor(random.next() * 256);
      }
      try {
        parseDataset({ name: 'd.npz', bytes });
      } catch (error) {
        if (!(error instanceof LatheError)) throw error;
      }
    }
  });
});
