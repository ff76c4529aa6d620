import { mkdirSync, readFileSync, existsSync, writeFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';
import { allMetas } from '../src/core/methods/catalog.ts';
import type { MethodMeta } from '../src/core/methods/contract.ts';
import { needsText } from '../src/core/methods/needs.ts';
import { optionsForm, type OptionField } from '../src/core/methods/options-form.ts';
import { OPERATORS_FILE, operatorsPage } from './operator-list.ts';

const FOLDER = fileURLToPath(new URL('../docs/methods/', import.meta.url));

/** Every page of `docs/methods/`, by file name, made from the methods' own words. */
export async function methodPages(): Promise<ReadonlyMap<string, string>> {
  const pages = new Map<string, string>();
  for (const meta of allMetas()) pages.set(`${meta.id}.md`, await format(methodPage(meta)));
  pages.set('README.md', await format(overview()));
  return pages;
}

/** File names whose checked-in page differs from what the methods say now. */
export async function stalePages(): Promise<readonly string[]> {
  const pages = await methodPages();
  const known = existsSync(FOLDER) ? readdirSync(FOLDER) : [];
  const extra = known.filter((name) => !pages.has(name));
  const changed = [...pages].filter(
    ([name, text]) => !known.includes(name) || readFileSync(FOLDER + name, 'utf8') !== text,
  );
  return [...changed.map(([name]) => name), ...extra];
}

const MADE = '<!-- Made by tools/generate-docs.ts from the methods themselves; do not edit. -->';

function overview(): string {
  const rows = allMetas().map(
    (meta) =>
      `| [${meta.title}](${meta.id}.md) | \`${meta.id}\` | ${meta.family} | ${needsText(meta, 'nothing')} | ${cell(meta.summary)} |`,
  );
  return `${MADE}

# Methods

| method | id | family | needs | what it does |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function methodPage(meta: MethodMeta): string {
  const { paper } = meta;
  const source = paper
    ? `${paper.authors} (${paper.year}), *${paper.title}*${paper.arxiv ? `, [arXiv ${paper.arxiv}](https://arxiv.org/abs/${paper.arxiv})` : ''}.`
    : '';
  return `${MADE}

# ${meta.title}

${meta.plain}

${meta.summary}

- id: \`${meta.id}\`
- family: ${meta.family}
- cost: ${meta.cost === 'low' ? 'low (no training)' : 'high (training)'}
- needs: ${needsText(meta, 'nothing but the model')}
- works on: ${meta.accepts.join(', ')}
${meta.baseline ? `- shown beside: [${meta.baseline}](${meta.baseline}.md)\n` : ''}
${source}

${optionsTable(optionsForm(meta))}
`;
}

function optionsTable(fields: readonly OptionField[]): string {
  if (fields.length === 0) return 'It has no options.';
  const rows = fields.map(
    (field) =>
      `| \`${field.name}\` | ${valuesText(field)} | \`${JSON.stringify(field.default)}\` | ${cell(field.help)}${whenText(field)} |`,
  );
  return `| option | values | default | meaning |
| --- | --- | --- | --- |
${rows.join('\n')}`;
}

function valuesText({ kind, choices, also, minimum, maximum }: OptionField): string {
  if (choices) {
    const list = choices.map((choice) => `\`${JSON.stringify(choice)}\``).join(', ');
    return also ? `${list}, or any ${also}` : list;
  }
  if (kind === 'boolean') return '`true`, `false`';
  if (kind === 'text') return 'text';
  return `${kind}, ${minimum ?? '−∞'} … ${maximum ?? '∞'}`;
}

function whenText({ when }: OptionField): string {
  if (!when) return '';
  return ` Only with \`${when.option}\` ${when.in.map((value) => JSON.stringify(value)).join(' or ')}.`;
}

/** A bar would end the table's cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

async function format(text: string): Promise<string> {
  const options = await prettier.resolveConfig(`${FOLDER}README.md`);
  return prettier.format(text, { ...options, parser: 'markdown' });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, text] of await methodPages()) writeFileSync(FOLDER + name, text);
  writeFileSync(OPERATORS_FILE, operatorsPage());
}
