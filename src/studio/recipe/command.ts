import type { Recipe } from '../../core/recipe/types.ts';

/**
 * Shell lines that make the same bytes headless: the recipe as a file, then one command. Of a folder of several
 * parts the command is given the folder, and those that a run works on by their paths.
 */
export function compressCommand(
  recipe: Recipe,
  { origin, name }: { origin: string; name: string },
  output: string,
  parts: readonly string[] = [],
): string {
  const file =
    parts.length > 0 ? `${quoted(name)} --part ${quoted(parts.join(','))}` : quoted(`${name}.onnx`);
  const model = origin.startsWith('sample:') ? origin : file;
  const out = parts.length > 1 ? output.replace(/\.onnx$/, '') : output;
  const data = origin.startsWith('sample:') ? ` --eval ${origin}` : '';
  const json = JSON.stringify(recipe, null, 2);
  return [
    `cat > recipe.json <<'LATHE'`,
    json,
    'LATHE',
    `npx lathe compress ${model} --recipe recipe.json --out ${out}${data} --report report.json`,
  ].join('\n');
}

function quoted(path: string): string {
  return /^[\w.,/-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
