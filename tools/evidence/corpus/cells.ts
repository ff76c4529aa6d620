import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Action, Entry } from './entries.ts';
import { lathe, type Ended } from './lathe.ts';

/** Where the corpus lies, and where results go. */
export interface Place {
  readonly corpus: string;
  readonly scratch: string;
}

type Purpose = 'calibration' | 'evaluation';

/** What one action came to: `done` with what is shown, or the sentence that refused it. */
export interface Outcome {
  readonly done: boolean;
  readonly text: string;
  /** The file it wrote. */
  readonly file?: string;
  readonly json?: unknown;
}

const RECIPES: Readonly<Partial<Record<Action, unknown>>> = {
  gptq: recipe('gptq', { bits: 4, blockSize: 32 }),
  wanda: recipe('wanda', { sparsity: 0.5 }),
  magnitude: recipe('magnitude', { sparsity: 0.5 }),
};

const LORA = { version: 1, method: 'lora', length: 32, options: { rank: 2, steps: 3 } };

function recipe(method: string, options: object): unknown {
  const calibration = { data: 'given', samples: 8, length: 32 };
  return { version: 1, calibration, steps: [{ method, options }] };
}

export async function inScratch<T>(work: (scratch: string) => Promise<T>): Promise<T> {
  const scratch = await mkdtemp(join(tmpdir(), 'corpus-'));
  try {
    return await work(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** One action on one model, by the command a user would give. */
export async function tryAction(place: Place, entry: Entry, action: Action): Promise<Outcome> {
  const model = join(place.corpus, 'models', entry.file);
  switch (action) {
    case 'inspect':
      return outcome(await lathe('inspect', model, '--json'));
    case 'evaluate':
      return outcome(await lathe('evaluate', model, ...dataOf(place, entry, true), '--json'));
    case 'generate':
      return outcome(await lathe('generate', model, ...sourcesOf(place, entry), '--json'));
    case 'lora':
      return written(
        place,
        ['train', model],
        ['--objective', LORA],
        [...dataOf(place, entry), ...evalOf(place, entry)],
      );
    default:
      return written(
        place,
        ['compress', model],
        ['--recipe', RECIPES[action] ?? action],
        [...dataOf(place, entry), ...evalOf(place, entry)],
      );
  }
}

function sourcesOf(place: Place, { sources }: Entry): string[] {
  const from =
    sources === undefined
      ? ['--prompt', 'the']
      : ['--data', dataPath(place, sources, 'evaluation'), '--count', '1'];
  return [...from, '--tokens', '4'];
}

function outcome({ code, stdout, sentence }: Ended): Outcome {
  if (code !== 0) return { done: false, text: sentence };
  return { done: true, text: '', json: JSON.parse(stdout) };
}

let count = 0;

async function written(
  { scratch }: Place,
  command: readonly string[],
  [option, document]: readonly [string, unknown],
  data: readonly string[],
): Promise<Outcome> {
  const stem = join(scratch, String(count++));
  const [out, report, given] = ['.onnx', '-report.json', '-given.json'].map((end) => stem + end);
  const named = typeof document === 'string' ? document : given;
  if (named === given) await writeFile(given, JSON.stringify(document));
  const ended = await lathe(
    ...[...command, option, named, ...data],
    ...['--out', out, '--report', report],
  );
  if (ended.code !== 0) return { done: false, text: ended.sentence };
  return { done: true, text: '', file: out, json: JSON.parse(await readFile(report, 'utf8')) };
}

/** Data that methods look at; `--data` of evaluate is what is measured on. */
function dataOf(place: Place, entry: Entry, measuring = false): string[] {
  const name = measuring ? entry.evaluation : entry.calibration;
  if (name === undefined) return [];
  return ['--data', dataPath(place, name, measuring ? 'evaluation' : 'calibration')];
}

function evalOf(place: Place, { evaluation }: Entry): string[] {
  return evaluation === undefined ? [] : ['--eval', dataPath(place, evaluation, 'evaluation')];
}

/** Where the data of a purpose lies: texts are cut, which is enough to compare two computations. */
export function dataPath({ scratch, corpus }: Place, name: string, purpose: Purpose): string {
  const file = fileOf(name, purpose);
  return join(/\.(txt|tsv)$/.test(file) ? scratch : join(corpus, 'data'), file);
}

const CHARACTERS = 4000;

/** Shorter copies of the corpus' texts, and pairs made of its sentences, where {@link dataPath} looks for them. */
export async function cutTexts({ corpus, scratch }: Place): Promise<void> {
  const data = join(corpus, 'data');
  for (const file of await readdir(data)) {
    if (!file.endsWith('.txt')) continue;
    const text = await readFile(join(data, file), 'utf8');
    await writeFile(join(scratch, file), text.slice(0, CHARACTERS));
    const pairs = file.replace(/^sentences(-\w+)\.txt$/, 'pairs$1.tsv');
    if (pairs !== file) await writeFile(join(scratch, pairs), neighbours(text));
  }
}

/** Each line as the source of the one behind it: pairs to measure an encoder-decoder on. */
function neighbours(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const pairs = lines.slice(0, 40).map((line, i) => `${line}\t${lines[i + 1]}`);
  return ['source\ttarget', ...pairs].join('\n');
}

/** `moby.txt` for a purpose is `moby-evaluation.txt`. */
export function fileOf(name: string, purpose: Purpose): string {
  return name.replace(/\.(\w+)$/, `-${purpose}.$1`);
}
