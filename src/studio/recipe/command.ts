import type { Recipe } from '../../core/recipe/types.ts';
import { sortedKeys } from './sorted-keys.ts';

export interface CommandModel {
  readonly origin: string;
  readonly name: string;
  /** Parts of a folder that a run works on, by path, where it has several. */
  readonly parts?: readonly string[];
}

/**
 * Shell lines that make the same bytes headless: one command, and before it the recipe as a file, unless it is a
 * preset as it stands. Of a folder of several parts the command is given the folder, and those that a run works on
 * by their paths.
 */
export function compressCommand(
  recipe: Recipe,
  { origin, name, parts = [] }: CommandModel,
  output: string,
  presets: readonly { readonly id: string; readonly recipe: Recipe }[] = [],
): string {
  const file =
    parts.length > 0 ? `${quoted(name)} --part ${quoted(parts.join(','))}` : quoted(`${name}.onnx`);
  const model = origin.startsWith('sample:') ? origin : file;
  const out = parts.length > 1 ? output.replace(/\.onnx$/, '') : output;
  const data = origin.startsWith('sample:') ? ` --eval ${origin}` : '';
  const preset = presets.find((candidate) => sameDocument(candidate.recipe, recipe));
  const from = preset?.id ?? 'recipe.json';
  const command = `npx lathe compress ${model} --recipe ${from} --out ${out}${data} --report report.json`;
  if (preset !== undefined) return command;
  return [`cat > recipe.json <<'LATHE'`, JSON.stringify(recipe, null, 2), 'LATHE', command].join(
    '\n',
  );
}

/** The recipe travels inside the file: only the very same document makes the same bytes. */
function sameDocument(a: Recipe, b: Recipe): boolean {
  return JSON.stringify(a, sortedKeys) === JSON.stringify(b, sortedKeys);
}

function quoted(path: string): string {
  return /^[\w.,/-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
