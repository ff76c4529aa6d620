import { encode as encodePng } from 'fast-png';
import { gzipSync, zipSync } from 'fflate';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { encode as encodeJpeg } from 'jpeg-js';
import { describe, expect, it } from 'vitest';
import { readDatasetFile } from './read-dataset.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

type Column = Parameters<typeof parquetWriteBuffer>[0]['columnData'][number];

const parquet = (...columnData: Column[]) => new Uint8Array(parquetWriteBuffer({ columnData }));

/** A grey picture whose pixels say which it is. */
const png = (value: number, width = 4, height = 2) =>
  encodePng({
    width,
    height,
    channels: 1,
    depth: 8,
    data: new Uint8Array(width * height).fill(value),
  });

describe('a file packed by gzip', () => {
  it('is read as what it holds', async () => {
    const bytes = gzipSync(bytesOf('{"text":"a","label":1}\n'));
    const read = await readDatasetFile({ name: 'x.jsonl.gz', bytes });
    expect(read).toMatchObject({ kind: 'text', name: 'x.jsonl', documents: ['a'] });
  });

  it('says so when it is cut off', async () => {
    const whole = gzipSync(bytesOf('some text '.repeat(50)));
    const bytes = whole.slice(0, whole.length - 12);
    await expect(readDatasetFile({ name: 'x.txt.gz', bytes })).rejects.toThrow(
      'The file "x.txt.gz" is packed by gzip but cannot be unpacked (unexpected EOF); download it again.',
    );
  });
});

describe('a Parquet file', () => {
  it('gives its texts and labels, whatever else it holds', async () => {
    const bytes = parquet(
      { name: 'id', data: ['7', '8'], type: 'STRING' },
      { name: 'text', data: ['one', 'two'], type: 'STRING' },
      { name: 'label', data: [1n, 0n], type: 'INT64' },
    );
    const read = await readDatasetFile({ name: 'x.parquet', bytes });
    const labels = Int32Array.of(1, 0);
    expect(read).toMatchObject({ kind: 'text', documents: ['one', 'two'], labels });
  });

  it('gives pairs where two columns of strings are called so', async () => {
    const bytes = parquet(
      { name: 'id', data: [7n, 8n], type: 'INT64' },
      { name: 'source', data: ['one', 'two'], type: 'STRING' },
      { name: 'target', data: ['un', 'deux'], type: 'STRING' },
    );
    const read = await readDatasetFile({ name: 'x.parquet', bytes });
    const pairs = { sources: ['one', 'two'], targets: ['un', 'deux'] };
    expect(read).toEqual({ kind: 'pairs', name: 'x.parquet', ...pairs });
  });

  it('takes the only column of strings for the text', async () => {
    const bytes = parquet(
      { name: 'sentence', data: ['one', 'two'], type: 'STRING' },
      { name: 'idx', data: [0n, 1n], type: 'INT64' },
    );
    const read = await readDatasetFile({ name: 'x.parquet', bytes });
    expect(read).toMatchObject({ kind: 'text', documents: ['one', 'two'] });
  });

  it('gives arrays, rows of tokens of any length among them', async () => {
    const bytes = parquet({ name: 'input_ids', data: [[1, 2, 3], [4]], type: 'JSON' });
    const read = await readDatasetFile({ name: 'x.parquet', bytes });
    expect(read).toMatchObject({ kind: 'examples', count: 2 });
    expect(read).toHaveProperty('ragged.lengths', Int32Array.of(3, 1));
  });

  it('gives pictures where a column holds them', async () => {
    const bytes = parquet(
      { name: 'image', data: [png(5), png(9)], type: 'BYTE_ARRAY' },
      { name: 'label', data: [3, 1], type: 'INT32' },
    );
    const read = await readDatasetFile({ name: 'x.parquet', bytes });
    if (read.kind !== 'pictures') throw new Error('no pictures');
    expect(read.pictures.map(({ data }) => data[0])).toEqual([5, 9]);
    expect(read.labels).toEqual(Int32Array.of(3, 1));
  });

  it('says so when it is none', async () => {
    await expect(
      readDatasetFile({ name: 'x.parquet', bytes: bytesOf('not parquet at all, but long enough') }),
    ).rejects.toThrow(
      /^The file "x.parquet" cannot be read as Parquet \(.+\); download it again, or save it as \.jsonl\.$/,
    );
  });
});

describe('a zip of pictures', () => {
  it('has a folder for each class; PNG and JPEG, hidden files left out', async () => {
    const jpeg = encodeJpeg({ width: 8, height: 8, data: new Uint8Array(256).fill(200) }, 90).data;
    const bytes = zipSync({
      'set/dog/a.png': png(1),
      'set/cat/b.jpg': new Uint8Array(jpeg),
      '__MACOSX/set/dog/a.png': bytesOf('x'),
      'set/notes.txt': bytesOf('x'),
    });
    const read = await readDatasetFile({ name: 'x.zip', bytes });
    if (read.kind !== 'pictures') throw new Error('no pictures');
    expect(read.writtenLabels).toEqual(['cat', 'dog']);
    const [photo, drawing] = read.pictures;
    expect([photo.channels, drawing.channels]).toEqual([3, 1]);
    expect(Math.abs(photo.data[0] - 200)).toBeLessThan(4);
    expect(drawing).toMatchObject({ width: 4, height: 2 });
  });

  it('is refused without pictures, and names one that cannot be read', async () => {
    const empty = zipSync({ 'notes.txt': bytesOf('x') });
    await expect(readDatasetFile({ name: 'x.zip', bytes: empty })).rejects.toThrow(
      '"x.zip" holds no pictures (.png, .jpg), so there is nothing to read; put pictures into one folder for each class.',
    );
    const broken = zipSync({ 'a.png': bytesOf('no picture') });
    await expect(readDatasetFile({ name: 'x.zip', bytes: broken })).rejects.toThrow(
      /^The picture "a\.png" cannot be read \(.+\); save it as PNG or JPEG, or leave it out\.$/,
    );
  });
});
