import type { Recipe } from '../../core/recipe/types.ts';

/** Shell lines that make the same bytes headless: the recipe as a file, then one command. */
export function compressCommand(
  recipe: Recipe,
  { origin, name }: { origin: string; name: string },
  output: string,
): string {
  const model = origin.startsWith('sample:') ? origin : quoted(`${name}.onnx`);
  const data = origin.startsWith('sample:') ? ` --eval ${origin}` : '';
  const json = JSON.stringify(recipe, null, 2);
  return [
    `cat > recipe.json <<'LATHE'`,
    json,
    'LATHE',
    `npx lathe compress ${model} --recipe recipe.json --out ${output}${data} --report report.json`,
  ].join('\n');
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
