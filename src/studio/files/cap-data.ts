import type { FolderFile } from '../../../workers/protocol.ts';

/** Bytes of text that are taken of one data file: a run that reads more would measure for hours. */
export const MOST_TEXT = 2_000_000;

const PACKED = /\.gz$/i;
const LINES = /\.(txt|csv|tsv|jsonl)(\.gz)?$/i;

/**
 * A text file of data, or its beginning where it is longer than {@link MOST_TEXT}: cut after a whole line, and in
 * tables outside of quotes. Anything else comes back as it is. What is packed is unpacked no further than needed.
 */
export async function capData(file: FolderFile): Promise<FolderFile> {
  const { path, blob } = file;
  if (!LINES.test(path)) return file;
  if (PACKED.test(path)) return capPacked(file);
  if (blob.size <= MOST_TEXT) return file;
  const head = new Uint8Array(await blob.slice(0, MOST_TEXT).arrayBuffer());
  return { path, blob: blob.slice(0, cutAfter(head, quoted(path))), of: blob.size };
}

/** What is small when unpacked stays packed: the same bytes lead to the same trial. */
async function capPacked(file: FolderFile): Promise<FolderFile> {
  const head = await firstUnpacked(file.blob, MOST_TEXT + 1);
  if (head === undefined || head.length <= MOST_TEXT) return file;
  const path = file.path.replace(PACKED, '');
  const text = head.subarray(0, MOST_TEXT);
  const blob = new Blob([text.slice(0, cutAfter(text, quoted(path)))]);
  return { path, blob, of: file.blob.size };
}

/** Undefined where it cannot be unpacked: whoever reads it will say why. */
async function firstUnpacked(blob: Blob, most: number): Promise<Uint8Array | undefined> {
  const reader = blob.stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  const head = new Uint8Array(most);
  let length = 0;
  try {
    while (length < most) {
      const { done, value } = await reader.read();
      if (done) break;
      head.set(value.subarray(0, most - length), length);
      length += Math.min(value.length, most - length);
    }
  } catch {
    return undefined;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  return head.subarray(0, length);
}

const quoted = (path: string): boolean => /\.(csv|tsv)/i.test(path);

const [NEWLINE, QUOTE, SPACE, CONTINUES] = [10, 34, 32, 0x80];

/** Where a beginning ends well: after its last whole line, else its last word, else its last whole character. */
export function cutAfter(head: Uint8Array, quotes: boolean): number {
  const line = quotes ? lastRow(head) : head.lastIndexOf(NEWLINE) + 1;
  if (line > 0) return line;
  const word = head.lastIndexOf(SPACE) + 1;
  if (word > 0) return word;
  let end = head.length;
  // Bytes 10xxxxxx go on with a character; the one before them begins it.
  while (end > 0 && (head[end - 1] & 0xc0) === CONTINUES) end--;
  return Math.max(0, end - 1);
}

/** A line's end within quotes is part of a cell. */
function lastRow(head: Uint8Array): number {
  let [end, within] = [0, false];
  for (let at = 0; at < head.length; at++) {
    if (head[at] === QUOTE) within = !within;
    else if (head[at] === NEWLINE && !within) end = at + 1;
  }
  return end;
}
