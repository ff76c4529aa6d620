import { join } from 'node:path';
import { dataPath, type Outcome, type Place } from './cells.ts';
import type { Action, Entry } from './entries.ts';
import { checkOf, windowsIndependently } from './independent.ts';
import type { Cell } from './judge.ts';
import { labelsIndependently } from './labels.ts';
import { evaluated, reported } from './reports.ts';

/** Both sum the same terms, in another order. */
const SAME = 1e-3;
/** Divergences below this are rounding of float32 scores. */
const NOTHING = 1e-6;

type Pair = readonly [own: number | undefined, told: number | undefined];

/** What plain onnxruntime says of the original and of its q4, beside what Lathe says. */
export async function independentCell(
  place: Place,
  entry: Entry,
  outcomes: ReadonlyMap<Action, Outcome>,
): Promise<Cell> {
  const [whole, q4] = [outcomes.get('evaluate'), outcomes.get('q4')];
  if (entry.independent === undefined) return { text: '–', right: true };
  if (!whole?.done || q4?.file === undefined) return { text: 'nothing to compare', right: false };
  const compare = entry.independent === 'windows' ? byWindows : byLabels;
  try {
    return within(await compare(place, entry, whole.json, { file: q4.file, json: q4.json }));
  } catch (error) {
    return {
      text: `FAILED: ${error instanceof Error ? error.message : String(error)}`,
      right: false,
    };
  }
}

interface Made {
  readonly file: string;
  readonly json: unknown;
}

async function byWindows(place: Place, entry: Entry, whole: unknown, q4: Made): Promise<Pair[]> {
  const { protocol, model } = evaluated.parse(whole);
  const told = reported.parse(q4.json).evaluation?.compressed;
  const length = Number(/windows of (\d+) tokens/.exec(protocol)?.[1]);
  const [original, text] = [originalOf(place, entry), dataOf(place, entry)];
  const run = (files: { model: string; original?: string }) =>
    windowsIndependently(place.corpus, checkOf(entry.file), { ...files, text, length });
  const own = await run({ model: original });
  const compressed = await run({ model: q4.file, original });
  return [
    [own.perplexity, model['perplexity']?.value],
    [compressed.perplexity, told?.['perplexity']?.value],
    [compressed.kl, told?.['kl']?.value],
  ];
}

async function byLabels(place: Place, entry: Entry, whole: unknown, q4: Made): Promise<Pair[]> {
  const told = [evaluated.parse(whole).model, reported.parse(q4.json).evaluation?.compressed ?? {}];
  const pairs: Pair[] = [];
  for (const [i, file] of [originalOf(place, entry), q4.file].entries()) {
    const own = await labelsIndependently(file, dataOf(place, entry));
    const name = own.accuracy === undefined ? 'perplexity' : 'accuracy';
    pairs.push([own[name], told[i][name]?.value]);
  }
  return pairs;
}

function within(pairs: readonly Pair[]): Cell {
  const apart = pairs.map(([a = NaN, b = NaN]) => Math.abs(a - b) / Math.max(Math.abs(a), NOTHING));
  const worst = Math.max(...apart.map((value) => (Number.isNaN(value) ? Infinity : value)));
  return { text: `within ${worst.toExponential(1)}`, right: worst <= SAME };
}

function originalOf({ corpus }: Place, { file }: Entry): string {
  return join(corpus, 'models', file);
}

function dataOf(place: Place, { evaluation = '' }: Entry): string {
  return dataPath(place, evaluation, 'evaluation');
}
