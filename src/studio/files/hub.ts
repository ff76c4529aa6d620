import { LatheError } from '../../core/errors/lathe-error.ts';
import type { Wanted } from './download.ts';
import { filesOfParts, listedParts, type Listed, type ListedPart } from './hub-parts.ts';

export interface HubReference {
  readonly repo: string;
  readonly revision: string;
  /** Path of one ONNX file inside the repository, when the reference names it. */
  readonly path?: string;
}

const HOST = 'https://huggingface.co';

/** `org/name`, `org/name@rev`, `hf:org/name@rev/onnx/model.onnx` or a huggingface.co address. */
export function parseHubReference(text: string): HubReference | undefined {
  const trimmed = text.trim();
  const address =
    /^https:\/\/huggingface\.co\/([\w.-]+\/[\w.-]+)(?:\/(?:blob|resolve|tree)\/([^/]+)(?:\/(.+))?)?\/?$/;
  const short = /^(?:hf:)?([\w.-]+\/[\w.-]+)(?:@([^/]+))?(?:\/(.+))?$/;
  const match = address.exec(trimmed) ?? short.exec(trimmed);
  if (match === null) return undefined;
  const [, repo, revision = 'main', rest] = match;
  const path = rest?.split('?')[0];
  return { repo, revision, ...(path?.endsWith('.onnx') ? { path } : {}) };
}

export function hubOrigin({ repo, revision, path }: HubReference): string {
  return `hf:${repo}@${revision}${path === undefined ? '' : `/${path}`}`;
}

/** Asks which of several parts to fetch; the first answer is the one to open. None ends the opening. */
export type AskParts = (
  repo: string,
  parts: readonly ListedPart[],
) => Promise<readonly string[] | undefined>;

/** What to fetch of a repository, and which of it to open. */
export interface HubFiles {
  readonly wanted: readonly Wanted[];
  readonly model: string;
  readonly paths: readonly string[];
}

/**
 * Lists the repository (the hub's client loads only now) and chooses the named part, the only one, or those
 * that are asked for. Resolves to nothing when the question was not answered.
 */
export async function filesOfRepository(
  reference: HubReference,
  ask: AskParts,
): Promise<HubFiles | undefined> {
  const listed = await list(reference);
  const parts = listedParts(listed, reference.repo);
  const named = reference.path === undefined ? undefined : [reference.path];
  const only = parts.length === 1 ? [parts[0].path] : undefined;
  const paths = named ?? only ?? (await ask(reference.repo, parts));
  if (paths === undefined || paths.length === 0) return undefined;
  const files = filesOfParts(listed, reference.repo, paths);
  return { wanted: files.map((file) => addressed(reference, file)), model: paths[0], paths };
}

function addressed({ repo, revision }: HubReference, { path, size }: Listed): Wanted {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  const url = `${HOST}/${repo}/resolve/${encodeURIComponent(revision)}/${encoded}`;
  return { path, bytes: size, url };
}

async function list({ repo, revision }: HubReference): Promise<Listed[]> {
  const { listFiles, HubApiError } = await import('@huggingface/hub');
  const found: Listed[] = [];
  try {
    for await (const { path, size, type } of listFiles({ repo, revision, recursive: true })) {
      if (type === 'file') found.push({ path, size });
    }
  } catch (thrown) {
    const status = thrown instanceof HubApiError ? thrown.statusCode : 0;
    throw new LatheError('hub-unreachable', sentenceFor(repo, status), { repo, status });
  }
  return found;
}

function sentenceFor(repo: string, status: number): string {
  if (status === 401 || status === 404) {
    return `Hugging Face shows no public repository “${repo}”. Check the spelling (organisation/name); private ones must be downloaded and dropped here.`;
  }
  if (status === 0)
    return `Hugging Face did not answer for “${repo}”. Check your connection, then try again.`;
  return `Hugging Face answered ${status} for “${repo}”. Try again in a minute.`;
}
