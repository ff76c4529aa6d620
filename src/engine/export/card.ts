import type { Trial } from '../trials/types.ts';

/** The `README.md` beside an exported model: what was made of what, how large, how good, by which recipe. */
export function modelCard({ name, model, recipe, report }: Trial, file: string): string {
  const lines = [
    `# ${model.name}, compressed: ${name}`,
    '',
    `\`onnx/${file}\` was made with Lathe from the model with sha256 \`${model.sha256}\`.`,
  ];
  if (report !== undefined) {
    const { before, after, evaluation } = report;
    lines.push(
      '',
      `${before.bytes} → ${after.bytes} bytes, ${after.bitsPerWeight.toFixed(2)} bits per weight.`,
    );
    if (evaluation !== undefined) lines.push('', ...metricTable(evaluation));
  }
  lines.push('', '## Recipe', '', '```json', JSON.stringify(recipe, null, 2), '```', '');
  return lines.join('\n');
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
