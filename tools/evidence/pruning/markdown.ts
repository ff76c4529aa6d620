import type { LineResult } from './types.ts';

export interface Circumstances {
  readonly commit: string;
  readonly date: string;
  readonly machine: string;
}

/** `docs/evidence/pruning.md`: every line with what came out, the failing ones marked. */
export function markdown(results: readonly LineResult[], at: Circumstances): string {
  const failing = results.flatMap(({ checks }) => checks).filter(({ holds }) => !holds).length;
  const all = results.flatMap(({ checks }) => checks).length;
  return [
    '# Pruning, low rank and sharing: what came out',
    '',
    `Written by \`npm run evidence -- pruning\` on ${at.date}, code ${at.commit}, ${at.machine}. Every number comes from a run: the`,
    'recipe on the model, measured on its evaluation data from the written file (± is a standard error over windows or',
    'examples; n is that of the evaluation). Seed 1. Steps that train learn from data the sample was trained on, never from the',
    `evaluation. ${all - failing} of ${all} checks hold.`,
    '',
    ...results.flatMap(section),
  ].join('\n');
}

function section({ line, checks, minutes }: LineResult): readonly string[] {
  return [
    `## ${line.number}. ${line.claim}`,
    '',
    '| what | found | holds |',
    '| --- | --- | --- |',
    ...checks.map(
      ({ what, found, holds }) =>
        `| ${cell(what)} | ${cell(found)} | ${holds ? 'yes' : '**no**'} |`,
    ),
    '',
    `\`npm run evidence -- pruning --only ${line.number}\`, ${minutes.toFixed(1)} minutes${line.commands ? `; also ${line.commands.map((c) => `\`${c}\``).join(', ')}` : ''}.`,
    '',
  ];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
