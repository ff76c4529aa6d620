import { LatheError } from '../../core/errors/lathe-error.ts';
import type { Wanted } from './download.ts';

/** One entry of `samples/index.json`, written when the samples are made. */
export interface Sample {
  readonly name: string;
  readonly title: string;
  readonly task: string;
  readonly description: string;
  readonly figures: Readonly<Record<string, string | number>>;
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
}

function addressOf(path: string): string {
  return new URL(`${import.meta.env.BASE_URL}samples/${path}`, document.baseURI).href;
}

export async function loadSamples(signal?: AbortSignal): Promise<readonly Sample[]> {
  const response = await fetch(addressOf('index.json'), { signal });
  const type = response.headers.get('content-type') ?? '';
  if (!response.ok || !type.includes('json')) {
    throw new LatheError(
      'samples-missing',
      'The sample gallery could not be loaded. Check your connection and reload, or drop a model of your own.',
      { status: response.status },
    );
  }
  // Our own file, made together with this code: its schema is tested where it is written.
  const { samples } = (await response.json()) as { samples: readonly Sample[] };
  return samples;
}

export async function filesOfSample(name: string, signal: AbortSignal): Promise<Wanted[]> {
  const samples = await loadSamples(signal);
  const sample = samples.find((candidate) => candidate.name === name);
  if (sample === undefined) {
    const known = samples.map((candidate) => candidate.name).join(', ');
    throw new LatheError(
      'sample-unknown',
      `There is no sample called “${name}”. The gallery has: ${known}.`,
    );
  }
  return sample.files.map(({ path, bytes }) => ({
    path,
    bytes,
    url: addressOf(`${name}/${path}`),
  }));
}
