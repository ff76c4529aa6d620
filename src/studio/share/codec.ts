import { LatheError } from '../../core/errors/lathe-error.ts';
import type { Recipe } from '../../core/recipe/types.ts';

/** Longer links are cut by chat programs; the recipe then travels as a file. */
export const MAX_LINK = 4096;
/** A recipe is a few kilobytes; a link that inflates beyond this is not one. */
const MAX_JSON = 256 * 1024;

export interface Shared {
  /** `sample:stories`, `hf:org/repo@rev/path`, a URL, or `file`. */
  readonly origin?: string;
  readonly modelName?: string;
  readonly sha256?: string;
  /** As found in the link; the caller validates it as a recipe. */
  readonly recipe?: unknown;
}

/** `#m=…&n=…&h=…&r=…`: model by reference, recipe as deflated JSON in base64url. Never any data. */
export async function encodeShare(
  recipe: Recipe,
  model: { origin: string; name: string; sha256: string },
): Promise<string> {
  const fields = new URLSearchParams({ m: model.origin });
  if (model.origin === 'file') {
    fields.set('n', model.name);
    fields.set('h', model.sha256);
  }
  fields.set('r', await deflate(JSON.stringify(recipe)));
  const hash = `#${fields.toString()}`;
  if (hash.length > MAX_LINK) {
    throw new LatheError(
      'share-too-long',
      `This recipe needs a link of ${hash.length} characters, and links above ${MAX_LINK} get cut. Save the recipe as a file and send that.`,
      { length: hash.length },
    );
  }
  return hash;
}

export async function decodeShare(hash: string): Promise<Shared | undefined> {
  const fields = new URLSearchParams(hash.replace(/^#/, ''));
  const text = fields.get('r');
  const origin = fields.get('m') ?? undefined;
  if (text === null && origin === undefined) return undefined;
  return {
    origin,
    modelName: fields.get('n') ?? undefined,
    sha256: fields.get('h') ?? undefined,
    recipe: text === null ? undefined : await parse(text),
  };
}

async function parse(text: string): Promise<unknown> {
  try {
    return JSON.parse(await inflate(text)) as unknown;
  } catch {
    throw new LatheError(
      'share-unreadable',
      'This link holds a recipe that cannot be read; it was probably cut on its way. Ask for it again, or for the recipe as a file.',
    );
  }
}

async function deflate(text: string): Promise<string> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  return base64url(new Uint8Array(await new Response(stream).arrayBuffer()));
}

async function inflate(text: string): Promise<string> {
  const bytes = fromBase64url(text);
  const reader = new Blob([bytes])
    .stream()
    .pipeThrough(new DecompressionStream('deflate-raw'))
    .getReader();
  const parts: BlobPart[] = [];
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    length += part.value.length;
    if (length > MAX_JSON) throw new RangeError('longer than any recipe');
    parts.push(part.value);
  }
  return new Blob(parts).text();
}

function base64url(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
