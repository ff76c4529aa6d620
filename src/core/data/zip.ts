import { inflateSync } from 'fflate';
import { LatheError } from '../errors/lathe-error.ts';
import { crc32 } from './crc32.ts';

export interface ZipEntry {
  readonly name: string;
  /** Bytes once unpacked. */
  readonly size: number;
  /** Unpacks and checks the entry. @throws LatheError `zip-damaged`, `zip-unsupported` */
  read(): Uint8Array;
}

const END_RECORD = 0x06054b50;
const CENTRAL_RECORD = 0x02014b50;
const LOCAL_RECORD = 0x04034b50;
const MAX_ENTRIES = 65535;
const MAX_SIZE = 2 ** 31 - 1;
/** DEFLATE cannot shrink more than this: a larger claim is a lie, and nothing is allocated for it. */
const MAX_RATIO = 1032;

/**
 * The files of a ZIP archive (stored or deflated), listed from its central directory; nothing is
 * unpacked before `read`. Sizes are checked against what DEFLATE can do before any allocation.
 * @throws LatheError `zip-damaged`, `zip-unsupported`
 * @see PKWARE APPNOTE 6.3.10, §4.3
 */
export function readZip(bytes: Uint8Array, name: string): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  if (end === undefined) throw damaged(name, 'its table of contents is missing');
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (at === 0xffffffff || count === MAX_ENTRIES) throw unsupported(name, 'is in Zip64 format');
  const entries: ZipEntry[] = [];
  for (let index = 0; index < count; index++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== CENTRAL_RECORD) {
      throw damaged(name, 'its table of contents is cut off');
    }
    const record = readRecord(view, at);
    if (!record.name.endsWith('/')) entries.push(entryOf(view, record, name));
    at = record.next;
  }
  // Entries that share packed bytes could each be possible and still unpack to far too much together.
  const total = entries.reduce((sum, { size }) => sum + size, 0);
  if (total > bytes.length * MAX_RATIO) throw damaged(name, 'its entries overlap');
  return entries;
}

function findEnd(view: DataView): number | undefined {
  const lowest = Math.max(0, view.byteLength - 22 - 65535);
  for (let at = view.byteLength - 22; at >= lowest; at--) {
    if (view.getUint32(at, true) === END_RECORD) return at;
  }
  return undefined;
}

type CentralRecord = ReturnType<typeof readRecord>;

function readRecord(view: DataView, at: number) {
  const nameLength = view.getUint16(at + 28, true);
  const rest = view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  const nameBytes = bytesAt(view, at + 46, nameLength);
  return {
    encrypted: (view.getUint16(at + 8, true) & 1) === 1,
    method: view.getUint16(at + 10, true),
    crc: view.getUint32(at + 16, true),
    packed: view.getUint32(at + 20, true),
    size: view.getUint32(at + 24, true),
    local: view.getUint32(at + 42, true),
    name: new TextDecoder().decode(nameBytes),
    next: at + 46 + nameLength + rest,
  };
}

function bytesAt(view: DataView, at: number, length: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength).subarray(at, at + length);
}

function entryOf(view: DataView, record: CentralRecord, archive: string): ZipEntry {
  const { name, size, packed, method } = record;
  if (record.encrypted) throw unsupported(archive, 'is encrypted');
  if (method !== 0 && method !== 8) throw unsupported(archive, 'uses a rare compression method');
  const possible = method === 0 ? size === packed : size <= packed * MAX_RATIO;
  if (size > MAX_SIZE || !possible) throw damaged(archive, `the size of "${name}" is impossible`);
  return { name, size, read: () => unpack(view, record, archive) };
}

function unpack(view: DataView, record: CentralRecord, archive: string): Uint8Array {
  const packed = packedBytes(view, record, archive);
  const bytes = record.method === 0 ? packed.slice() : inflate(packed, record, archive);
  if (bytes.length !== record.size || crc32(bytes) !== record.crc) {
    throw damaged(archive, `the contents of "${record.name}" are not what was packed`);
  }
  return bytes;
}

function packedBytes(view: DataView, record: CentralRecord, archive: string): Uint8Array {
  const { local, packed, name } = record;
  const cutOff = () => damaged(archive, `"${name}" is cut off`);
  if (local + 30 > view.byteLength || view.getUint32(local, true) !== LOCAL_RECORD) throw cutOff();
  // The local header's own name and extra field may differ in length from the central ones.
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (start + packed > view.byteLength) throw cutOff();
  return bytesAt(view, start, packed);
}

function inflate(packed: Uint8Array, record: CentralRecord, archive: string): Uint8Array {
  try {
    return inflateSync(packed, { out: new Uint8Array(record.size) });
  } catch {
    throw damaged(archive, `the contents of "${record.name}" cannot be unpacked`);
  }
}

function damaged(name: string, what: string): LatheError {
  return new LatheError(
    'zip-damaged',
    `The archive "${name}" is damaged: ${what}; fetch or save it again.`,
  );
}

function unsupported(name: string, what: string): LatheError {
  return new LatheError(
    'zip-unsupported',
    `The archive "${name}" ${what}, which is not supported; save it again as a plain zip (numpy.savez does).`,
  );
}
