import type { LineResult, Page } from './types.ts';

export interface Circumstances {
  readonly commit: string;
  readonly date: string;
  readonly machine: string;
}

/** `docs/evidence/NAME.md`: every line with what came out, the failing ones marked, and the recipes that were run. */
export function markdown(page: Page, results: readonly LineResult[], at: Circumstances): string {
  const all = results.flatMap(({ checks }) => checks);
  const holding = all.filter(({ holds }) => holds).length;
  return [
    `# ${page.title}: what came out`,
    '',
    `Written by \`npm run evidence -- ${page.name}\` on ${at.date}, code ${at.commit}, ${at.machine}. Every number was measured: the`,
    'recipe on the model, from the written file, on the evaluation data (± is a standard error over windows or examples, n',
    'the tokens or examples of the evaluation). Steps that train or calibrate read data the sample itself was trained on',
    '(stories: its calibration data), never the evaluation. Seed 1.',
    '',
    `${holding} of ${all.length} checks hold.`,
    '',
    ...results.flatMap((result) => section(page, result)),
    ...HOW,
  ].join('\n');
}

const HOW = [
  '## Any of these again',
  '',
  'A recipe below is `SUBJECT: STEPS`, with `"seed": 1` and a calibration of 48 windows or examples (stories: 256 tokens, other texts: 128).',
  'Put into a file, it is run alone by',
  '',
  '```sh',
  'npx lathe compress sample:SUBJECT --recipe FILE --data DATA --eval sample:SUBJECT --runtime node --out out/x.onnx --report out/x.json',
  '```',
  '',
  'where DATA is `speeches.txt` (prose), `mails.csv`, `handwriting-trained.npz`, `digits-trained.npz` in the folder `data` of `--scratch`, or `sample:stories`;',
  'gpt2-like is the folder `test/fixtures/models/gpt2-like`, measured on `sample:prose`.',
  '',
];

function section(
  { name }: Page,
  { line, checks, recipes, minutes, where = [] }: LineResult,
): readonly string[] {
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
    `\`npm run evidence -- ${name} --only ${line.number}\`, ${minutes.toFixed(1)} minutes of one process where nothing was there from before.`,
    '',
    ...(where.length > 0 ? [`Code: ${where.join('; ')}.`, ''] : []),
    ...(recipes.length > 0 ? ['```', ...recipes, '```', ''] : []),
  ];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
