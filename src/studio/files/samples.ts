import { LatheError } from '../../core/errors/lathe-error.ts';
import type { Sample } from '../../core/data/samples.ts';
import type { ShippedTrials } from '../../core/report/shipped.ts';
import type { Wanted } from './download.ts';

function addressOf(path: string): string {
  return new URL(`${import.meta.env.BASE_URL}samples/${path}`, document.baseURI).href;
}

/** The trials that ship with a sample, if any do. */
export async function loadShipped(
  name: string,
  signal?: AbortSignal,
): Promise<ShippedTrials | undefined> {
  const [samples, { readShipped }] = await Promise.all([
    loadSamples(signal),
    import('./shipped-file.ts'),
  ]);
  const { trials } = samples.find((sample) => sample.name === name) ?? {};
  if (trials === undefined) return undefined;
  const response = await fetch(addressOf(`${name}/${trials.path}`), { signal });
  return response.ok ? readShipped(await response.json()) : undefined;
}

let known: readonly Sample[] | undefined;

/** The gallery, fetched once. The schema, and with it zod, stays out of the first load. */
export async function loadSamples(signal?: AbortSignal): Promise<readonly Sample[]> {
  return (known ??= await fetchSamples(signal));
}

async function fetchSamples(signal?: AbortSignal): Promise<readonly Sample[]> {
  const [response, { parseSampleIndex }] = await Promise.all([
    fetch(addressOf('index.json'), { signal }),
    import('./sample-index.ts'),
  ]);
  const type = response.headers.get('content-type') ?? '';
  if (!response.ok || !type.includes('json')) {
    throw new LatheError(
      'samples-missing',
      'The sample gallery could not be loaded. Check your connection and reload, or drop a model of your own.',
      { status: response.status },
    );
  }
  return parseSampleIndex(await response.json()).samples;
}

export async function filesOfSample(name: string, signal: AbortSignal): Promise<Wanted[]> {
  const [samples, { findSample }] = await Promise.all([
    loadSamples(signal),
    import('./sample-index.ts'),
  ]);
  const sample = findSample({ version: 1, samples: [...samples] }, name);
  return sample.files.map(({ path, bytes }) => ({
    path,
    bytes,
    url: addressOf(`${name}/${path}`),
  }));
}

/** The sample whose model this is, by its hash. Without a gallery there is none. */
export async function sampleWithModel(sha256: string): Promise<string | undefined> {
  const samples = await loadSamples().catch(() => []);
  return samples.find(({ files }) =>
    files.some((file) => file.path.endsWith('.onnx') && file.sha256 === sha256),
  )?.name;
}
