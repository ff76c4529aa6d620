import { defaultPart, distinctParts } from '../../core/companions/choose-parts.ts';
import { stemOf } from '../../core/companions/parts.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import { partsOf, type ModelPart } from './parts.ts';
import type { ModelFolder } from './types.ts';

/** The folder opened at another of its parts. */
export function withPart(folder: ModelFolder, { path }: Pick<ModelPart, 'path'>): ModelFolder {
  return { ...folder, model: path };
}

/**
 * The part that is meant by a word: a role ("decoder-merged"), the name of a file with or without `.onnx`, or a
 * path. A role that several files have is its most precise one.
 * @throws LatheError `part-unknown`, with the parts there are.
 */
export function partByWord(folder: ModelFolder, word: string): ModelPart {
  const parts = partsOf(folder);
  const found =
    parts.find(({ path }) => path === word) ??
    defaultPart(parts.filter(({ path }) => stemOf(path) === stemOf(word))) ??
    defaultPart(parts.filter(({ role }) => role === word));
  if (found !== undefined) return found;
  throw new LatheError(
    'part-unknown',
    `The folder "${folder.name}" has no part "${word}"; its parts are ${listOf(parts)}.`,
  );
}

/** The parts meant by `all` (each once, from its most precise file) or by words with commas between them. */
export function partsByWords(folder: ModelFolder, words: string): readonly ModelPart[] {
  if (words === 'all') return distinctParts(partsOf(folder));
  const named = words.split(',').map((word) => partByWord(folder, word.trim()));
  return named.filter(({ path }, at) => named.findIndex((other) => other.path === path) === at);
}

function listOf(parts: readonly ModelPart[]): string {
  return parts.map(({ path, role }) => `"${stemOf(path)}" (${role})`).join(', ') || 'none';
}
