import { LatheError } from '../errors/lathe-error.ts';
import { lineError, type Line } from './line-error.ts';
import type { PairDataset } from './types.ts';

/** What files call a source text and what is to be made of it, in the order they are looked for. */
const NAMES: readonly (readonly [string, string])[] = [
  ['source', 'target'],
  ['src', 'tgt'],
  ['input', 'output'],
  ['input_text', 'target_text'],
  ['document', 'summary'],
  ['article', 'highlights'],
  ['question', 'answer'],
];

/** "en", "fra", "pt-BR", "zho_Hans". */
const LANGUAGE = /^[a-z]{2,3}([-_][a-z0-9]{2,4})?$/i;

/**
 * Places of the source and the target among a table's columns, by their usual names, or as two languages where
 * there are two columns; undefined where the table holds something else.
 */
export function pairColumns(columns: readonly string[]): readonly [number, number] | undefined {
  const names = columns.map((column) => column.trim().toLowerCase());
  for (const [source, target] of NAMES) {
    const found = [names.indexOf(source), names.indexOf(target)] as const;
    if (!found.includes(-1)) return found;
  }
  const languages = names.length === 2 && names.every((name) => LANGUAGE.test(name));
  return languages && names[0] !== names[1] ? [0, 1] : undefined;
}

/**
 * Pairs of a file of JSON objects: `{"source": …, "target": …}` or one of the other usual pairs of names, or as
 * translation corpora have it, `{"translation": {"en": …, "fr": …}}`, its first two languages. Undefined where the
 * first line holds none.
 * @throws LatheError `data-line`
 */
export function pairsOfLines(name: string, lines: readonly Line[]): PairDataset | undefined {
  const read = readerFor(lines[0].value);
  if (read === undefined) return undefined;
  const pairs = lines.map(({ number, value }) => {
    const [source, target] = read.fields(value);
    if (typeof source === 'string' && typeof target === 'string') return [source, target] as const;
    const what = `has no text "${read.names[typeof source === 'string' ? 1 : 0]}" like the first line`;
    throw lineError(name, number, what, 'give every line a source and a target text');
  });
  return pairDataset(name, pairs);
}

interface Reader {
  readonly names: readonly [string, string];
  fields(line: Record<string, unknown>): readonly [unknown, unknown];
}

function readerFor(line: Record<string, unknown>): Reader | undefined {
  const plain = namedTexts(line);
  if (plain !== undefined) {
    return { names: plain, fields: (value) => [value[plain[0]], value[plain[1]]] };
  }
  const languages = Object.entries(record(line['translation'])).filter(
    ([, text]) => typeof text === 'string',
  );
  if (languages.length < 2) return undefined;
  const [[source], [target]] = languages;
  const fields: Reader['fields'] = (value) => {
    const texts = record(value['translation']);
    return [texts[source], texts[target]];
  };
  return { names: [`translation.${source}`, `translation.${target}`], fields };
}

function namedTexts(line: Record<string, unknown>): readonly [string, string] | undefined {
  return NAMES.find(
    (pair) =>
      pair.every((key) => Object.hasOwn(line, key)) &&
      pair.some((key) => typeof line[key] === 'string'),
  );
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/**
 * Pairs without those that lack a side.
 * @throws LatheError `data-empty` when that leaves none
 */
export function pairDataset(
  name: string,
  pairs: readonly (readonly [string, string])[],
): PairDataset {
  const whole = pairs.filter((pair) => pair.every((text) => text.trim() !== ''));
  if (whole.length === 0) {
    throw new LatheError(
      'data-empty',
      `The file "${name}" holds no pair of a source and a target text; give every line both.`,
    );
  }
  return {
    ...{ kind: 'pairs', name },
    sources: whole.map(([source]) => source),
    targets: whole.map(([, target]) => target),
  };
}
