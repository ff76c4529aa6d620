import type { Tensor, TensorData } from './types.ts';

/** Bytes of each tensor that are compared at once. */
const CHUNK = 1 << 22;
/** Rows and columns of a tile that is compared at once: both orders stay in the cache. */
const TILE = 32;

/** Whether two handles give the same bytes. Stops at the first chunk that differs; holds one chunk of each. */
export async function equalBytes(a: TensorData, b: TensorData): Promise<boolean> {
  if (a === b) return true;
  if (a.byteLength !== b.byteLength) return false;
  for (let offset = 0; offset < a.byteLength; offset += CHUNK) {
    const length = Math.min(CHUNK, a.byteLength - offset);
    const [x, y] = await Promise.all([a.read(offset, length), b.read(offset, length)]);
    if (!equalChunks(x, y)) return false;
  }
  return true;
}

/** Word by word as far as words go: four times fewer steps. */
function equalChunks(a: Uint8Array, b: Uint8Array): boolean {
  const words = Math.floor(a.byteLength / 4);
  const [x, y] = [a, b].map((bytes) => elements(bytes.subarray(0, 4 * words), 4));
  for (let i = 0; i < words; i++) if (x[i] !== y[i]) return false;
  for (let i = 4 * words; i < a.byteLength; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * Whether B [n, m] is Aᵀ of A [m, n], bit by bit; `bytes` is the size of one element. Holds B whole and a
 * band of A's rows.
 */
export async function isTranspose(a: Tensor, b: Tensor, bytes: 2 | 4 | 8): Promise<boolean> {
  const [rows, columns] = a.dims;
  const words = bytes === 8 ? 2 : 1;
  const y = elements(await b.data.read(), bytes);
  const rowBytes = columns * bytes;
  const band = Math.max(TILE, TILE * Math.floor(CHUNK / (TILE * rowBytes)));
  for (let from = 0; from < rows; from += band) {
    const count = Math.min(band, rows - from);
    const x = elements(await a.data.read(from * rowBytes, count * rowBytes), bytes);
    if (!isBand(x, y, { from, count, columns, rows, words })) return false;
  }
  return true;
}

type Words = Uint16Array | Uint32Array;

interface Band {
  readonly from: number;
  readonly count: number;
  readonly rows: number;
  readonly columns: number;
  /** 32-bit words of one element. */
  readonly words: number;
}

/** WHY tiles: column by column every single read would miss the cache. */
function isBand(x: Words, y: Words, band: Band): boolean {
  for (let i = 0; i < band.count; i += TILE)
    for (let j = 0; j < band.columns; j += TILE) if (!isTile(x, y, band, i, j)) return false;
  return true;
}

function isTile(x: Words, y: Words, band: Band, top: number, left: number): boolean {
  const { from, count, rows, columns, words } = band;
  const [bottom, right] = [Math.min(count, top + TILE), Math.min(columns, left + TILE)];
  for (let i = top; i < bottom; i++)
    for (let j = left; j < right; j++) {
      const [at, other] = [(i * columns + j) * words, (j * rows + from + i) * words];
      if (x[at] !== y[other] || (words === 2 && x[at + 1] !== y[other + 1])) return false;
    }
  return true;
}

/** Elements as integers; a float64 is two of them, which any transpose keeps as well. */
function elements(bytes: Uint8Array, size: 2 | 4 | 8): Words {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset, byteLength } = aligned;
  return size === 2
    ? new Uint16Array(buffer, byteOffset, byteLength / 2)
    : new Uint32Array(buffer, byteOffset, byteLength / 4);
}
