import type { Trial } from '../trials/types.ts';

/**
 * The `README.md` beside an exported model: what was made of what, how large, how good, by which recipe, and
 * what came along as it was.
 */
export function modelCard(
  trial: Trial,
  file: string,
  kept: readonly { path: string }[] = [],
): string {
  const { name, model } = trial;
  const beside = kept.map(({ path }) => `\`${path}\``).join(', ');
  return [
    `# ${model.name}, compressed: ${name}`,
    '',
    ...partLines(trial, file),
    ...(kept.length > 0 ? ['', `Beside it as it was: ${beside}.`] : []),
    ...recipeLines(trial),
  ].join('\n');
}

/** What was made of one file. */
export function partLines({ model, report }: Trial, file: string): string[] {
  const lines = [`\`${file}\` was made with Lathe from the model with sha256 \`${model.sha256}\`.`];
  if (report === undefined) return lines;
  const { before, after, evaluation } = report;
  lines.push(
    '',
    `${before.bytes} → ${after.bytes} bytes, ${after.bitsPerWeight.toFixed(2)} bits per weight.`,
  );
  if (evaluation !== undefined) lines.push('', ...metricTable(evaluation));
  return lines;
}

export function recipeLines({ recipe }: Pick<Trial, 'recipe'>): string[] {
  return ['', '## Recipe', '', '```json', JSON.stringify(recipe, null, 2), '```', ''];
}

type Evaluation = NonNullable<NonNullable<Trial['report']>['evaluation']>;

function metricTable({ data, protocol, original, compressed }: Evaluation): string[] {
  const text = (metric?: { value: number; standardError: number }): string =>
    metric === undefined ? '' : `${metric.value.toPrecision(5)} ${errorOf(metric)}`;
  const names = Object.keys(compressed) as (keyof typeof compressed)[];
  return [
    `Measured on ${data}: ${protocol}.`,
    '',
    '| measure | original | compressed |',
    '|---|---|---|',
    ...names.map((name) => `| ${name} | ${text(original[name])} | ${text(compressed[name])} |`),
  ];
}

/** One example says nothing about its error. */
function errorOf({ standardError }: { standardError: number }): string {
  return Number.isFinite(standardError) ? `± ${standardError.toPrecision(2)}` : '(n = 1)';
}
