import { LatheError } from '../errors/lathe-error.ts';
import type { Companion, Companions } from './types.ts';

/** The bytes a companion has on disk: as they were read, or its JSON on lines indented by two spaces, in UTF-8. */
export function companionBytes(companion: Companion): Uint8Array {
  if ('bytes' in companion) return companion.bytes;
  return new TextEncoder().encode(`${JSON.stringify(companion.json, null, 2)}\n`);
}

/** What the JSON file at `path` says; undefined when there is none. Throws `folder-json` when it is no JSON. */
export function companionJson(files: Companions, path: string): unknown {
  const file = files.get(path);
  if (file === undefined) return undefined;
  return 'json' in file ? file.json : parseJson(file.bytes, path);
}

/** The files with the JSON at `path` put in the place of what was there, or added. */
export function withJson(files: Companions, path: string, json: unknown): Companions {
  return new Map([...files, [path, { json }]]);
}

/** What a JSON file in UTF-8 says. Throws `folder-json`, with its path, when it is no JSON. */
export function parseJson(bytes: Uint8Array, path: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  } catch {
    throw new LatheError(
      'folder-json',
      `The file "${path}" is not valid JSON, so it cannot be used; replace it by the one that belongs to the model.`,
    );
  }
}
