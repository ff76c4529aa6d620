import { exportFileName } from '../../src/core/recipe/file-name.ts';
import type { Trial } from '../../src/engine/trials/types.ts';
import type { ModelFolder } from '../protocol.ts';

/** Files of a model that are not the model itself, and that a loader wants beside it. */
const COMPANIONS = [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'preprocessor_config.json',
];

export interface BundleFile {
  readonly path: string;
  readonly blob: Blob;
}

/**
 * The folder that transformers.js loads: `onnx/model_q4.onnx` with configuration, tokenizer and a card.
 * `changed` stands in for the original's file of that name.
 */
export function bundleFiles(
  trial: Trial,
  file: Blob,
  folder: ModelFolder,
  changed?: BundleFile,
): BundleFile[] {
  const name = exportFileName(trial.recipe);
  const companions = folder.files
    .filter(({ path }) => COMPANIONS.includes(path))
    .map((companion) => (companion.path === changed?.path ? changed : companion));
  return [
    { path: `onnx/${name}`, blob: file },
    ...companions,
    { path: 'README.md', blob: new Blob([card(trial, name)], { type: 'text/markdown' }) },
    {
      path: 'lathe-report.json',
      blob: new Blob([JSON.stringify(trial.report, null, 2)], { type: 'application/json' }),
    },
  ];
}

function card({ name, model, recipe, report }: Trial, file: string): string {
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
    metric === undefined
      ? ''
      : `${metric.value.toPrecision(5)} ± ${metric.standardError.toPrecision(2)}`;
  const names = Object.keys(compressed) as (keyof typeof compressed)[];
  return [
    `Measured on ${data}: ${protocol}.`,
    '',
    '| measure | original | compressed |',
    '|---|---|---|',
    ...names.map((name) => `| ${name} | ${text(original[name])} | ${text(compressed[name])} |`),
  ];
}
