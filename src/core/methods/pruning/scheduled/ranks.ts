import { binOfRank } from '../../../kernels/rank-select.ts';

/** Above every number: an entry with this word is never among the smallest. */
const PROTECTED = 0xffffffff;

/** Float32 as words in the order of their magnitudes. */
export function magnitudeWords(values: Float32Array): Uint32Array {
  return bitsOf(values).map((word) => word & 0x7fffffff);
}

/** Float32 as words in the order of the numbers: negative ones turned around, below the positive. */
export function signedWords(values: Float32Array): Uint32Array {
  return bitsOf(values).map((word) => {
    if ((word & 0x7fffffff) === 0) return 0x80000000;
    return word >= 0x80000000 ? ~word : word | 0x80000000;
  });
}

/** Sets the n largest of every m neighbours apart: they are never among the smallest. Of equals the later stays. */
export function protectLargest(words: Uint32Array, n: number, m: number): void {
  const group = new Uint32Array(m);
  for (let start = 0; start < words.length; start += m) {
    group.set(words.subarray(start, start + m));
    for (let i = 0; i < m; i++) {
      let above = 0;
      for (let j = 0; j < m; j++)
        above += Number(group[j] > group[i] || (group[j] === group[i] && j > i));
      if (above < n) words[start + i] = PROTECTED;
    }
  }
}

/** Mask of all but the `count` smallest words: 1 keep, 0 prune; of equals the first go. Two histograms, exact. */
export function keepAllButSmallest(words: Uint32Array, count: number): Uint8Array {
  const keep = new Uint8Array(words.length).fill(1);
  if (count === 0) return keep;
  const upper = new Uint32Array(1 << 16);
  for (const word of words) upper[word >>> 16]++;
  const [bin, rank] = binOfRank(upper, count - 1);
  const lower = new Uint32Array(1 << 16);
  for (const word of words) if (word >>> 16 === bin) lower[word & 0xffff]++;
  const [low, within] = binOfRank(lower, rank);
  const limit = bin * 0x10000 + low;
  let ties = within + 1;
  for (let i = 0; i < words.length; i++) {
    if (words[i] < limit || (words[i] === limit && ties-- > 0)) keep[i] = 0;
  }
  return keep;
}

function bitsOf({ buffer, byteOffset, length }: Float32Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, length);
}
