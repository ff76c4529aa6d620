import { isCompanion } from '../../core/companions/names.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import type { Wanted } from './download.ts';

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

interface Listed {
  readonly path: string;
  readonly size: number;
}

/** Lists the repository (the hub's client loads only now) and picks one model with its company. */
export async function filesOfRepository(reference: HubReference): Promise<Wanted[]> {
  const listed = await list(reference);
  return chooseFiles(listed, reference).map(({ path, size }) => ({
    path,
    bytes: size,
    url: `${HOST}/${reference.repo}/resolve/${encodeURIComponent(reference.revision)}/${path
      .split('/')
      .map(encodeURIComponent)
      .join('/')}`,
  }));
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

/** The named file, else the unquantized `onnx/model.onnx`, else the only one; with its shards and company. */
export function chooseFiles(listed: readonly Listed[], reference: HubReference): Listed[] {
  const models = listed.filter(({ path }) => path.endsWith('.onnx'));
  if (models.length === 0) {
    throw new LatheError(
      'hub-no-onnx',
      `“${reference.repo}” holds no .onnx file, so there is nothing to open here. Look for the same model under onnx-community, or export it with Optimum first.`,
      { repo: reference.repo },
    );
  }
  const usual = ['onnx/model.onnx', 'model.onnx', 'onnx/decoder_model_merged.onnx'];
  const wanted = reference.path === undefined ? usual : [reference.path];
  const model =
    models.find(({ path }) => wanted[0] === path) ??
    models.find(({ path }) => wanted.includes(path)) ??
    (models.length === 1 && reference.path === undefined ? models[0] : undefined);
  if (model === undefined) throw ambiguous(reference, models);
  const shards = listed.filter(
    ({ path }) => path.startsWith(`${model.path}_data`) || path.startsWith(`${model.path}.data`),
  );
  const company = listed.filter(({ path }) => isCompanion(path));
  return [model, ...shards, ...company];
}

function ambiguous(reference: HubReference, models: readonly Listed[]): LatheError {
  const names = models.slice(0, 6).map(({ path }) => path);
  const more = models.length > names.length ? ` and ${models.length - names.length} more` : '';
  return new LatheError(
    'hub-which-file',
    `“${reference.repo}” holds several models: ${names.join(', ')}${more}. Add the one you want to the address, as in ${hubOrigin({ ...reference, path: names[0] })}.`,
    { repo: reference.repo },
  );
}
