import { deflateRawSync } from 'node:zlib';
import { crc32 } from '../../src/core/data/crc32.ts';

export interface ByteArray {
  readonly dims: readonly number[];
  readonly data: Uint8Array | Uint16Array;
}

/** A numpy `.npz` of uint8 and uint16 arrays, deflated; entries carry the earliest date, so reruns give the same bytes. */
export function writeNpz(arrays: Readonly<Record<string, ByteArray>>): Uint8Array {
  const files = Object.entries(arrays).map(([name, array]) => packed(`${name}.npy`, npy(array)));
  let offset = 0;
  const directory = files.map((file) => {
    const record = centralRecord(file, offset);
    offset += file.local.length + file.packed.length;
    return record;
  });
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const bodies = files.flatMap(({ local, packed }) => [local, packed]);
  return new Uint8Array(
    Buffer.concat([...bodies, ...directory, endRecord(files.length, size, offset)]),
  );
}

/** numpy format 1.0: the header is padded so that the values start at a multiple of 64. */
function npy({ dims, data }: ByteArray): Uint8Array {
  const shape = `(${dims.join(', ')}${dims.length === 1 ? ',' : ''})`;
  const descr = data instanceof Uint16Array ? '<u2' : '|u1';
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`;
  const header = text.padEnd(64 * Math.ceil((10 + text.length + 1) / 64) - 11) + '\n';
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 255, 0]);
  const values = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.concat([start, Buffer.from(header), values]);
}

type Packed = ReturnType<typeof packed>;

function packed(name: string, bytes: Uint8Array) {
  const body = deflateRawSync(bytes, { level: 9 });
  // version 2.0, no flags, deflate, 00:00 on 1980-01-01, CRC, sizes, name length, no extra field
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(8, 4);
  common.writeUInt16LE(0x21, 8);
  common.writeUInt32LE(crc32(bytes), 10);
  common.writeUInt32LE(body.length, 14);
  common.writeUInt32LE(bytes.length, 18);
  common.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name)]);
  return { name, common, local, packed: body };
}

function centralRecord({ name, common }: Packed, offset: number): Buffer {
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE(offset, 10);
  const version = Buffer.from([20, 0]);
  return Buffer.concat([Buffer.from('PK\x01\x02'), version, common, rest, Buffer.from(name)]);
}

function endRecord(count: number, size: number, offset: number): Buffer {
  const record = Buffer.alloc(18);
  record.writeUInt16LE(count, 4);
  record.writeUInt16LE(count, 6);
  record.writeUInt32LE(size, 8);
  record.writeUInt32LE(offset, 12);
  return Buffer.concat([Buffer.from('PK\x05\x06'), record]);
}
