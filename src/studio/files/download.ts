import { LatheError } from '../../core/errors/lathe-error.ts';
import type { PickedFile } from './folder.ts';

export interface Wanted {
  readonly path: string;
  readonly url: string;
  /** Known up front where a listing said so. */
  readonly bytes?: number;
}

/** Fetches files one after another; progress over the sum of their bytes, where all are known. */
export async function downloadAll(
  wanted: readonly Wanted[],
  signal: AbortSignal,
  onProgress: (fraction: number | undefined) => void,
): Promise<PickedFile[]> {
  const known = wanted.every(({ bytes }) => bytes !== undefined);
  const total = known ? wanted.reduce((sum, { bytes = 0 }) => sum + bytes, 0) : 0;
  const files: PickedFile[] = [];
  let done = 0;
  for (const file of wanted) {
    const blob = await download(file, signal, (received, length) => {
      const fraction = known ? (done + received) / total : length && received / length;
      onProgress(fraction);
    });
    done += blob.size;
    files.push({ path: file.path, blob });
  }
  return files;
}

async function download(
  { url }: Wanted,
  signal: AbortSignal,
  onBytes: (received: number, length: number | undefined) => void,
): Promise<Blob> {
  const response = await request(url, signal);
  const length = Number(response.headers.get('content-length')) || undefined;
  const parts: BlobPart[] = [];
  let received = 0;
  const reader = response.body?.getReader();
  if (reader === undefined) return response.blob();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    received += part.value.length;
    onBytes(received, length);
  }
  return new Blob(parts);
}

async function request(url: string, signal: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { signal });
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    throw new LatheError(
      'download-blocked',
      `${hostOf(url)} did not answer, or does not let other pages read its files (CORS). Download the file yourself and drop it here.`,
      { url },
    );
  }
  if (!response.ok) throw refusal(url, response.status);
  return response;
}

function refusal(url: string, status: number): LatheError {
  const file = decodeURIComponent(url.split('/').at(-1) ?? url);
  const why =
    status === 404
      ? 'there is no such file; check the address'
      : status === 401 || status === 403
        ? 'it is private or needs an accepted licence; download it signed in and drop it here'
        : status === 429
          ? 'too many requests; wait a minute and try again'
          : 'try again later, or download it yourself and drop it here';
  return new LatheError(
    'download-failed',
    `${hostOf(url)} answered ${status} for ${file}: ${why}.`,
    { url, status },
  );
}

function hostOf(url: string): string {
  return new URL(url, document.baseURI).host;
}
