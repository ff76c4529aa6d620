import { LatheError } from '../errors/lathe-error.ts';
import { lineError } from './line-error.ts';
import type { TextDataset } from './types.ts';

/** A line of a file with its label, if it has one. */
export interface LabelledLine {
  /** 1 for the first line of the file. */
  readonly number: number;
  readonly label?: number | string;
}

type Labels = Pick<TextDataset, 'labels' | 'writtenLabels'>;

/**
 * The labels of a file's texts: class numbers where all are numbers, else as they are written; nothing
 * when there are none. All lines are labelled or none.
 * @throws LatheError `data-line`
 */
export function labelsOf(name: string, lines: readonly LabelledLine[]): Labels {
  const labelled = lines[0]?.label !== undefined;
  const odd = lines.find(({ label }) => (label !== undefined) !== labelled);
  if (odd !== undefined) {
    const what = labelled
      ? 'has no "label" while others have'
      : 'has a "label" while others have not';
    throw lineError(name, odd.number, what, 'label all lines or none');
  }
  if (!labelled) return {};
  const written = lines.map(({ label }) => label ?? '');
  return written.every((label) => typeof label === 'number')
    ? { labels: Int32Array.from(written) }
    : { writtenLabels: written.map(String) };
}

/**
 * Texts with class numbers for labels: names are looked up among the model's `classes` (its
 * `id2label`), numbers taken as they are. Labels that are all names of classes are read as names, even
 * where they look like numbers.
 * @throws LatheError `data-label-unknown`
 */
export function numberClasses<T extends Labels & { readonly name: string }>(
  dataset: T,
  classes?: readonly string[],
): Omit<T, 'writtenLabels'> {
  const { writtenLabels: written, ...rest } = dataset;
  if (written === undefined) return dataset;
  const names = new Map((classes ?? []).map((name, index) => [keyOf(name), index]));
  const named = written.map((label) => names.get(keyOf(label)) ?? -1);
  const numbers = named.includes(-1) ? written.map(numberOf) : named;
  // A column may hold both: what is no number is looked up all the same.
  const found = numbers.map((number, index) => (number < 0 ? named[index] : number));
  const unknown = found.indexOf(-1);
  if (unknown >= 0) throw unknownLabel(dataset.name, unknown, written[unknown], classes);
  return { ...rest, labels: Int32Array.from(found) };
}

function keyOf(name: string): string {
  return name.trim().toLowerCase();
}

/** Class numbers as tables write them; some write all numbers with a point. */
function numberOf(label: string): number {
  return /^\s*\d{1,9}(\.0)?\s*$/.test(label) ? Number(label) : -1;
}

const LISTED = 8;

function unknownLabel(
  name: string,
  index: number,
  label: string,
  classes: readonly string[] | undefined,
): LatheError {
  const found = `Text ${index + 1} of "${name}" has the label "${label.slice(0, 60)}"`;
  if (classes === undefined) {
    return new LatheError(
      'data-label-unknown',
      `${found}, and the model came without names for its classes (id2label in config.json); write class numbers from 0.`,
    );
  }
  const listed = classes.slice(0, LISTED).map((each) => `"${each}"`);
  const names = [...listed, ...(classes.length > LISTED ? ['…'] : [])].join(', ');
  return new LatheError(
    'data-label-unknown',
    `${found}, but the model's classes are ${names}; correct the label, or write class numbers from 0 to ${classes.length - 1}.`,
    { label },
  );
}
