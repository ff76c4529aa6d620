import { bytesOf } from '../../core/data/fingerprint.ts';
import type { TextDataset } from '../../core/data/types.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import type { Generation } from '../../core/methods/contract.ts';
import { seededRandom } from '../../core/random/seeded.ts';
import { shuffled } from '../../core/random/shuffle.ts';
import { tokenInput } from '../../runtime/feeds.ts';
import { inputPorts } from '../../runtime/ports.ts';
import type { Runtime } from '../../runtime/types.ts';
import { lastScores, writeTexts } from '../../runtime/write-texts.ts';
import type { StageHooks } from '../compress/types.ts';
import { fixedBatch } from '../data/batch-size.ts';
import { groupsOf } from '../data/examples.ts';
import { tokenizerFor } from '../data/tokenizer-for.ts';
import { sha256Of, sha256OfJson } from '../hash.ts';
import type { OpenModel } from '../model/open.ts';
import type { Storage } from '../storage/types.ts';

/** What the original writes, and from what. */
export interface Writing {
  readonly open: OpenModel;
  /** Beginnings are taken from these documents. */
  readonly texts: TextDataset;
  readonly generation: Generation;
  /** Tokens of a text, with its beginning. */
  readonly length: number;
  readonly seed: number;
  readonly runtime: Runtime;
  readonly storage: Storage;
  /** Texts that are written side by side; by their length unless stated. */
  readonly together?: number;
}

/** Tokens that are written side by side: more gain little, and their activations are held at once. */
const TOKENS_TOGETHER = 2048;

/**
 * Texts in tokens that the original writes from the beginnings of others, for sequence-level distillation
 * (Kim & Rush 2016, arXiv:1606.07947: the student is trained on what the teacher says; here sampled
 * rather than searched). Decided by model, beginnings, options and seed; finished groups are kept, so
 * nothing is written twice, not even after a cancel. Throws `generate-fixed`, `generate-no-beginning`.
 */
export async function generatedTexts(writing: Writing, hooks: StageHooks): Promise<Int32Array[]> {
  const { open, generation, length, seed, runtime, storage } = writing;
  const { together = Math.max(1, Math.floor(TOKENS_TOGETHER / length)) } = writing;
  const ports = inputPorts(open.model);
  const { eos } = tokenizerFor(open);
  const prompts = promptsOf(writing);
  const fixed = fixedBatch(ports);
  const size = fixed ?? together;
  const all = prompts.map((_, index) => index);
  const written: Int32Array[] = [];
  const { temperature, topP } = generation;
  const sampling = { temperature, ...(topP !== undefined && { topP }) };
  const session = await runtime.open(lastScores(open.model));
  try {
    for (const { indices, count } of groupsOf(all, size, fixed !== undefined)) {
      const first = written.length;
      const chosen = indices.map((index) => prompts[index]);
      const path = await pathOf(writing, chosen, first);
      const kept = await readTexts(storage, path);
      const report = (tokens: number): void => {
        const done = first + (count * tokens) / (length - chosen[0].length);
        const text = Math.min(first + count, Math.floor(done) + 1);
        hooks.progress(done / all.length, `writing text ${text} of ${all.length}`);
      };
      const texts =
        kept ??
        (await writeTexts(session, chosen, {
          ...{ length, sampling, seed, first, onToken: report },
          ...(eos !== undefined && { stop: eos }),
          ...(hooks.signal && { signal: hooks.signal }),
        }));
      if (kept === undefined) await keepTexts(storage, path, texts);
      written.push(...texts.slice(0, count).map((ids) => Int32Array.from(ids)));
    }
  } finally {
    await session.release();
  }
  return written;
}

/** As many beginnings as texts are asked for, all of one length, documents in a seeded order. */
function promptsOf({ open, texts, generation, length, seed }: Writing): number[][] {
  const { count, promptTokens } = generation;
  const tokenizer = tokenizerFor(open);
  const start = tokenizer.bos === undefined ? [] : [tokenizer.bos];
  const encoded = texts.documents.map((text) => tokenizer.encode(text));
  const longest = encoded.reduce((most, ids) => Math.max(most, ids.length), 0);
  const taken = Math.min(promptTokens, longest, length - 1 - start.length);
  let usable = encoded.filter((ids) => ids.length >= taken);
  if (taken < 1 && start.length === 0) throw noBeginning(texts.name);
  const random = seededRandom(seed, 'beginnings');
  return Array.from({ length: count }, (_, index) => {
    // Every document once before any comes again.
    const turn = index % usable.length;
    if (turn === 0) usable = shuffled(usable, random);
    return [...start, ...usable[turn].slice(0, taken)];
  });
}

/** Beside the stages of recipes, whose room they share. */
async function pathOf(
  { open, generation, length, seed, runtime }: Writing,
  prompts: readonly number[][],
  first: number,
): Promise<string> {
  const { device } = runtime;
  const model = open.sha256;
  const key = { writing: 1, model, generation, length, seed, device, first };
  const beginnings = await sha256Of(prompts.map((ids) => bytesOf(Int32Array.from(ids))));
  return `stages/text-${await sha256OfJson({ ...key, beginnings })}.bin`;
}

/** Texts as int32: how many, the length of each, and their tokens. */
async function keepTexts(
  storage: Storage,
  path: string,
  texts: readonly number[][],
): Promise<void> {
  const numbers = [texts.length, ...texts.map(({ length }) => length), ...texts.flat()];
  try {
    await storage.write(path, [bytesOf(Int32Array.from(numbers))]);
  } catch {
    // A full storage costs time when the run is repeated, never the run.
  }
}

async function readTexts(storage: Storage, path: string): Promise<number[][] | undefined> {
  const file = await storage.open(path).catch(() => undefined);
  if (file === undefined) return undefined;
  const bytes = (await file.read(0, file.byteLength)).slice();
  const [count, ...rest] = new Int32Array(bytes.buffer, 0, Math.floor(bytes.length / 4));
  const lengths = rest.slice(0, count);
  let at = count;
  const texts = lengths.map((length) => rest.slice(at, (at += length)));
  return at === rest.length ? texts : undefined;
}

/** Refuses what a model cannot write. Throws `generate-language-model`, `generate-fixed`. */
export function checkWriter(open: OpenModel): void {
  if (open.task !== 'language-model') {
    throw new LatheError(
      'generate-language-model',
      `Only a language model can write the text to learn from, and "${open.name}" is none; set the text to learn from to "own".`,
    );
  }
  const size = tokenInput(inputPorts(open.model))?.dims[1];
  if (typeof size !== 'number') return;
  throw new LatheError(
    'generate-fixed',
    `The model "${open.name}" takes exactly ${size} tokens at a time, so it cannot write a text token by token; export it with a dynamic length, or set the text to learn from to "own".`,
  );
}

function noBeginning(name: string): LatheError {
  return new LatheError(
    'generate-no-beginning',
    `The data "${name}" holds no text to take beginnings from, and the tokenizer has no start token; choose a text.`,
  );
}
