/**
 * The same measures computed once more with nothing of Lathe but its report: plain onnxruntime-node, inputs and
 * logarithms by hand. Only what the corpus' own files say is used: bytes are tokens (`checks/NAME.json` has the offset
 * and the first token), windows are as long as the report's protocol states.
 */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { z } from 'zod';

const tokenizing = z.looseObject({ offset: z.number(), bos: z.number() });

export interface Independent {
  readonly perplexity: number;
  /** Of the original's answers against the model's. */
  readonly kl?: number;
}

export type Rows = { readonly values: Float32Array; readonly classes: number };

/** Perplexity over consecutive windows of a text, and KL to the original where one is given. */
export async function windowsIndependently(
  corpus: string,
  check: string,
  { model, original, text, length }: WindowsCase,
): Promise<Independent> {
  const json: unknown = JSON.parse(await readFile(join(corpus, 'checks', check), 'utf8'));
  const { offset, bos } = tokenizing.parse(json);
  const bytes = await readFile(text);
  const stream = [bos, ...Array.from(bytes, (byte) => byte + offset)];
  const sessions = await Promise.all([model, original].flatMap((path) => (path ? open(path) : [])));
  const own = sessions[0];
  const other = sessions.at(1);
  let [nats, kl, scored] = [0, 0, 0];
  for (let from = 0; from < stream.length; from += length) {
    const window = stream.slice(from, from + length);
    if (window.length < 2) continue;
    const logits = await logitsOf(own, window);
    const before = other === undefined ? undefined : await logitsOf(other, window);
    for (let t = 1; t < window.length; t++) {
      const p = logProbabilities(logits, t - 1);
      nats -= p[window[t]];
      if (before) kl += divergence(logProbabilities(before, t - 1), p);
      scored++;
    }
  }
  for (const session of sessions) await session.release();
  const perplexity = Math.exp(nats / scored);
  return { perplexity, ...(original !== undefined && { kl: kl / scored }) };
}

export interface WindowsCase {
  readonly model: string;
  readonly original?: string;
  readonly text: string;
  readonly length: number;
}

export function open(path: string): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(path, { logSeverityLevel: 3 });
}

const ints = (values: readonly number[], dims: readonly number[]): ort.Tensor =>
  new ort.Tensor('int64', BigInt64Array.from(values, BigInt), [...dims]);

/** All positions of a window, at once or, where the graph takes one token a run, token by token. */
async function logitsOf(session: ort.InferenceSession, window: readonly number[]): Promise<Rows> {
  const ids = session.inputMetadata[session.inputNames.indexOf('input_ids')];
  const single = ids?.isTensor === true && ids.shape[1] === 1;
  if (!single) return rowsOf((await runWindow(session, window, { at: 0 })).logits);
  const rows: Rows[] = [];
  let past: Record<string, ort.Tensor> | undefined;
  for (const [at, id] of window.entries()) {
    const found = await runWindow(session, [id], { at, ...(past && { past }) });
    rows.push(rowsOf(found.logits));
    past = found.present;
  }
  const values = rows.flatMap(({ values: row }) => Array.from(row));
  return { values: Float32Array.from(values), classes: rows[0].classes };
}

interface Before {
  /** Tokens that the cache stands for. */
  readonly at: number;
  readonly past?: Readonly<Record<string, ort.Tensor>>;
}

async function runWindow(
  session: ort.InferenceSession,
  window: readonly number[],
  before: Before,
): Promise<{ logits: ort.Tensor; present: Record<string, ort.Tensor> }> {
  const feeds = Object.fromEntries(
    session.inputNames.map((name, i) => [
      name,
      feed(name, session.inputMetadata[i], window, before),
    ]),
  );
  const { logits, ...rest } = await session.run(feeds);
  const present = Object.entries(rest).map(
    ([name, value]) => [name.replace(/^present/, 'past_key_values'), value] as const,
  );
  return { logits, present: Object.fromEntries(present) };
}

function rowsOf(logits: ort.Tensor): Rows {
  return { values: Float32Array.from(logits.data as Float32Array), classes: logits.dims[2] };
}

function feed(
  name: string,
  metadata: ort.InferenceSession.ValueMetadata | undefined,
  window: readonly number[],
  { at, past }: Before,
): ort.Tensor {
  const n = window.length;
  if (name === 'input_ids') return ints(window, [1, n]);
  if (name === 'attention_mask') return ints(Array<number>(at + n).fill(1), [1, at + n]);
  if (name === 'position_ids')
    return ints(
      Array.from(window, (_, i) => at + i),
      [1, n],
    );
  if (name === 'use_cache_branch') return new ort.Tensor('bool', [0], [1]);
  if (past?.[name] !== undefined) return past[name];
  if (!name.startsWith('past') || metadata?.isTensor !== true) throw new Error(`input ${name}`);
  const dims = metadata.shape.map((dim, axis) =>
    typeof dim === 'number' ? dim : axis === 0 ? 1 : 0,
  );
  const half = metadata.type === 'float16';
  return half
    ? new ort.Tensor('float16', new Uint16Array(0), dims)
    : new ort.Tensor('float32', new Float32Array(0), dims);
}

export function logProbabilities({ values, classes }: Rows, row: number): Float64Array {
  const scores = values.subarray(row * classes, (row + 1) * classes);
  const top = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  const sum = scores.reduce((total, v) => total + Math.exp(v - top), 0);
  return Float64Array.from(scores, (v) => v - top - Math.log(sum));
}

function divergence(p: Float64Array, q: Float64Array): number {
  return p.reduce((sum, log, i) => sum + Math.exp(log) * (log - q[i]), 0);
}

/** `gpt2/onnx/model.onnx` is described by `gpt2.json`, other parts by names of their own. */
export function checkOf(file: string): string {
  const [folder] = file.split('/');
  const part = basename(file, '.onnx');
  const own: Record<string, string> = {
    decoder_model: 'gpt2-no-past.json',
    decoder_with_past_model: 'gpt2-with-past.json',
    decoder_model_merged: 'gpt2-merged.json',
  };
  return own[part] ?? `${folder}.json`;
}
