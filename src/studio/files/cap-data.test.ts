import { gzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { capData, cutAfter, MOST_TEXT } from './cap-data.ts';

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const cut = (text: string, quotes = false): string =>
  new TextDecoder().decode(bytes(text).subarray(0, cutAfter(bytes(text), quotes)));

describe('where a beginning ends', () => {
  it('is after a whole line, outside of quotes in a table', () => {
    expect(cut('one\ntwo\nthr')).toBe('one\ntwo\n');
    expect(cut('a,b\n1,"two\nlines"\n2,"half\nof', true)).toBe('a,b\n1,"two\nlines"\n');
  });

  it('is after a word, or a character, where there is no line', () => {
    expect(cut('one two thr')).toBe('one two ');
    const half = bytes('añü').subarray(0, 4);
    expect(new TextDecoder().decode(half.subarray(0, cutAfter(half, false)))).toBe('añ');
  });
});

describe('long data', () => {
  const line = `${'word '.repeat(19)}\n`;
  const long = line.repeat(50_000);

  it('is taken up to the limit, and says of how much', async () => {
    const { path, blob, of } = await capData({ path: 'calibration.txt', blob: new Blob([long]) });
    expect([path, of]).toEqual(['calibration.txt', long.length]);
    expect(blob.size).toBeLessThanOrEqual(MOST_TEXT);
    expect(blob.size).toBeGreaterThan(MOST_TEXT - line.length - 1);
    expect((await blob.text()).endsWith('\n')).toBe(true);
  });

  it('is unpacked when it is packed, and not when it is short', async () => {
    const packed = new Blob([gzipSync(bytes(long)).slice()]);
    const capped = await capData({ path: 'evaluation/a.csv.gz', blob: packed });
    expect([capped.path, capped.of]).toEqual(['evaluation/a.csv', packed.size]);
    expect(await capped.blob.text()).toBe(line.repeat(Math.floor(MOST_TEXT / line.length)));
    const short = { path: 'a.txt.gz', blob: new Blob([gzipSync(bytes(line)).slice()]) };
    expect(await capData(short)).toBe(short);
    const broken = { path: 'a.txt.gz', blob: new Blob(['no gzip']) };
    expect(await capData(broken)).toBe(broken);
  });

  it('stays whole where it is short or no text', async () => {
    const short = { path: 'a.txt', blob: new Blob([line]) };
    expect(await capData(short)).toBe(short);
    const arrays = { path: 'a.npz', blob: new Blob([long]) };
    expect(await capData(arrays)).toBe(arrays);
  });
});
