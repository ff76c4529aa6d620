import type { Recipe } from '../../core/recipe/types.ts';
import { exportFileName } from './file-name.ts';

/** Shell lines that make the same bytes headless: the recipe as a file, then one command. */
export function compressCommand(recipe: Recipe, origin: string, modelName: string): string {
  const model = origin.startsWith('sample:') ? origin : quoted(`${modelName}.onnx`);
  const data = origin.startsWith('sample:') ? ` --eval ${origin}` : '';
  const json = JSON.stringify(recipe, null, 2);
  return [
    `cat > recipe.json <<'LATHE'`,
    json,
    'LATHE',
    `npx lathe compress ${model} --recipe recipe.json --out ${exportFileName(recipe)}${data} --report report.json`,
  ].join('\n');
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
