import { LatheError } from '../errors/lathe-error.ts';
import { labelsOf, type LabelledLine } from './labels.ts';
import { lineError } from './line-error.ts';
import { pairColumns, pairDataset } from './pairs.ts';
import { decodeText, emptyData } from './text-file.ts';
import type { DataFile, PairDataset, TextDataset } from './types.ts';

/** One record: where it begins, and its fields. */
interface Row {
  readonly number: number;
  readonly fields: readonly string[];
}

/**
 * Texts from a comma-separated table (RFC 4180: fields in quotes may hold commas, line ends and doubled
 * quotes). The first line names the columns; `text` is read, and `label` if there is one, or `source` and `target`. Tables that
 * separate by semicolons, as spreadsheets do in many countries, are read too.
 * @throws LatheError `table-columns`, `data-line`, `data-empty`, `data-not-text`
 */
export function parseCsv(file: DataFile): TextDataset | PairDataset {
  const text = decodeText(file);
  return textsOf(file.name, csvRows(file.name, text, separatorOf(text)));
}

/**
 * Texts from a tab-separated table: like {@link parseCsv}, but a record is a line, and quotes count only
 * where they stand around a whole field. Two columns without names are pairs of source and target.
 * @throws LatheError `table-columns`, `data-line`, `data-empty`, `data-not-text`
 */
export function parseTsv(file: DataFile): TextDataset | PairDataset {
  const lines = decodeText(file).split('\n');
  const rows = lines.map((line, index) => ({
    number: index + 1,
    fields: line.split('\t').map(unquoted),
  }));
  return barePairs(file.name, rows) ?? textsOf(file.name, rows);
}

/** Two columns without names are pairs, as translation corpora have them; a first line of names is none of them. */
function barePairs(name: string, rows: readonly Row[]): PairDataset | undefined {
  const records = filled(rows);
  const [first] = records;
  if (first?.fields.length !== 2 || pairColumns(first.fields)) return undefined;
  const names = first.fields.map((field) => field.trim().toLowerCase());
  if (names.includes('text') || names.includes('label')) return undefined;
  const pairs = records.map(({ number, fields }) => {
    const [source, target] = fields;
    if (fields.length === 2) return [source, target] as const;
    const what = `has ${fields.length} column${fields.length === 1 ? '' : 's'} where the others have a source and a target`;
    throw lineError(name, number, what, 'give every line both, parted by one tab');
  });
  return pairDataset(name, pairs);
}

function filled(rows: readonly Row[]): Row[] {
  return rows.filter(({ fields }) => fields.some((field) => field.trim()));
}

function unquoted(field: string): string {
  const quoted = /^"(?:[^"]|"")*"$/.test(field) && field.length > 1;
  return quoted ? field.slice(1, -1).replaceAll('""', '"') : field;
}

function separatorOf(text: string): ',' | ';' {
  const [header] = text.split('\n', 1);
  return header.includes(';') && !header.includes(',') ? ';' : ',';
}

function csvRows(name: string, text: string, separator: ',' | ';'): Row[] {
  const rows: Row[] = [];
  const fieldEnd = separator === ',' ? /[,\n]/g : /[;\n]/g;
  let fields: string[] = [];
  let [at, line, start] = [0, 1, 1];
  while (at < text.length) {
    const { raw, value, end } = fieldAt(name, text, at, line, fieldEnd);
    fields.push(value);
    line += raw.split('\n').length - 1;
    at = end + 1;
    const separated = text[end] === separator;
    if (separated && at < text.length) continue;
    if (separated) fields.push('');
    rows.push({ number: start, fields });
    fields = [];
    start = ++line;
  }
  return rows;
}

interface Field {
  readonly raw: string;
  readonly value: string;
  /** Position behind it: of the separator, the line end, or the end of the text. */
  readonly end: number;
}

/** The field that begins at `at`. `fieldEnd` finds separators and line ends. */
function fieldAt(name: string, text: string, at: number, line: number, fieldEnd: RegExp): Field {
  const quoted = text[at] === '"';
  const close = quoted ? closingQuote(text, at) : at - 1;
  const remedy = 'put texts that hold quotes in quotes, and write the inner ones twice';
  if (close < 0 && quoted) throw lineError(name, line, 'opens a quote that never closes', remedy);
  fieldEnd.lastIndex = close + 1;
  const end = fieldEnd.exec(text)?.index ?? text.length;
  if (quoted && end !== close + 1) {
    throw lineError(name, line, 'goes on behind a closing quote', remedy);
  }
  const raw = text.slice(at, end);
  return { raw, end, value: quoted ? raw.slice(1, -1).replaceAll('""', '"') : raw };
}

/** Position of the quote that closes the one at `open`; −1 when there is none. */
function closingQuote(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at;
  }
  return -1;
}

function textsOf(name: string, rows: readonly Row[]): TextDataset | PairDataset {
  const [header, ...records] = filled(rows);
  if (header === undefined) throw emptyData(name);
  const columns = header.fields.map((field) => field.trim());
  const names = columns.map((column) => column.toLowerCase());
  const [textColumn, labelColumn] = [names.indexOf('text'), names.indexOf('label')];
  const paired = textColumn < 0 ? pairColumns(columns) : undefined;
  if (textColumn < 0 && paired === undefined) throw noTextColumn(name, columns);
  if (records.length === 0) throw emptyData(name);
  for (const { number, fields } of records) {
    if (fields.length === columns.length) continue;
    const what = `has ${fields.length} columns where the first line names ${columns.length}`;
    throw lineError(name, number, what, 'put texts that hold the separator in quotes');
  }
  if (paired !== undefined) {
    const [source, target] = paired;
    return pairDataset(
      name,
      records.map(({ fields }) => [fields[source], fields[target]] as const),
    );
  }
  const lines = records.map(({ number, fields }): LabelledLine => {
    const label = labelColumn < 0 ? '' : fields[labelColumn].trim();
    return { number, ...(label !== '' && { label }) };
  });
  const documents = records.map(({ fields }) => fields[textColumn]);
  return { kind: 'text', name, documents, ...labelsOf(name, lines) };
}

const LISTED = 8;

function noTextColumn(name: string, columns: readonly string[]): LatheError {
  const listed = columns.slice(0, LISTED).map((column) => `"${column.slice(0, 40)}"`);
  return new LatheError(
    'table-columns',
    `The first line of "${name}" names the columns ${listed.join(', ')} and none of them "text"; call the column of the texts "text" and the one of their classes "label".`,
  );
}
