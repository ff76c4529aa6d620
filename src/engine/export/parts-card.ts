import type { Trial } from '../trials/types.ts';
import { partLines, recipeLines } from './card.ts';

interface Named {
  readonly path: string;
  readonly trial: Trial;
}

/** The `README.md` of a folder of which several parts were compressed: a table of all, then each. */
export function partsCard(made: readonly Named[]): string {
  const [{ trial: first }] = made;
  return [
    `# ${first.model.name}, compressed: ${first.name}`,
    '',
    '| part | before | after |',
    '|---|---|---|',
    ...made.map(({ path, trial: { report } }) => row(path, report?.before, report?.after)),
    ...(first.parts ?? []).flatMap(({ path, trial, bytesBefore, message }) =>
      trial === undefined
        ? [`| ${path}${message === undefined ? '' : `: ${message}`} | ${bytesBefore} | as it was |`]
        : [],
    ),
    ...made.flatMap(({ path, trial }) => ['', `## ${path}`, '', ...partLines(trial, path)]),
    ...recipeLines(first),
  ].join('\n');
}

function row(path: string, before?: { bytes: number }, after?: { bytes: number }): string {
  return `| ${path} | ${before?.bytes ?? ''} | ${after?.bytes ?? ''} |`;
}
