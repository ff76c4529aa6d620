import { throwIfCancelled } from '../core/errors/lathe-error.ts';
import { makeNode, makeTensor } from '../core/onnx/graph/make.ts';
import type { Model } from '../core/onnx/types.ts';
import { seededRandom } from '../core/random/seeded.ts';
import { drawToken, type Sampling } from '../core/text/draw-token.ts';
import { breathe } from './breathe.ts';
import { cacheOf, readOn } from './cache-ports.ts';
import { languageFeeds, type Past } from './feeds.ts';
import { inputPorts, outputPorts } from './ports.ts';
import type { Session } from './types.ts';
import { toFloats } from './values.ts';

/** Output of {@link lastScores}. */
const LAST = 'last.scores';

/**
 * A language model with one output and the cache it offers: the scores behind the last token, so that all
 * others are not copied out at every token.
 */
export function lastScores(model: Model): Model {
  const { graph } = model;
  const cache = cacheOf({ inputs: inputPorts(model), outputs: outputPorts(model) });
  const presents = new Set(cache?.pairs.map(({ present }) => present) ?? []);
  const scores = (graph.outputs.find(({ name }) => name === 'logits') ?? graph.outputs[0]).name;
  const last = makeTensor('last.index', [], BigInt64Array.of(-1n));
  const node = makeNode('Gather', [scores, last.name], [LAST], { axis: 1 });
  return {
    ...model,
    graph: {
      ...graph,
      nodes: [...graph.nodes, node],
      initializers: [...graph.initializers, last],
      outputs: [{ name: LAST }, ...graph.outputs.filter(({ name }) => presents.has(name))],
    },
  };
}

export interface WriteOptions {
  /** Tokens of a text with its prompt, at most. */
  readonly length: number;
  readonly sampling: Sampling;
  readonly seed: number;
  /** Number of the first of these texts: each has random numbers of its own, whatever runs with it. */
  readonly first: number;
  /** Token that ends a text; it is not part of it. */
  readonly stop?: number;
  readonly signal?: AbortSignal;
  /** Tokens written of each text so far. */
  readonly onToken?: (tokens: number) => void;
}

/**
 * Continues prompts of equal length side by side, token by token, in a session of {@link lastScores}.
 * A graph with a cache runs the prompts once and then each token alone; one without runs the whole text so
 * far again for each token. Texts that have ended wait for the others. Stops between two tokens when
 * cancelled.
 */
export async function writeTexts(
  session: Session,
  prompts: readonly (readonly number[])[],
  options: WriteOptions,
): Promise<number[][]> {
  const { length, sampling, seed, first, stop, signal, onToken } = options;
  const texts = prompts.map((prompt) => [...prompt]);
  const ended = texts.map(() => false);
  const randoms = texts.map((_, row) => seededRandom(seed, `text ${first + row}`));
  const start = texts[0].length;
  // What runs has equal lengths: texts that have ended are filled up here, not in the result.
  const running = texts.map((text) => [...text]);
  const read = reader(session);
  for (let t = start; t < length && ended.includes(false); t++) {
    throwIfCancelled(signal);
    const scores = await read(running);
    const classes = scores.length / texts.length;
    for (const [row, text] of texts.entries()) {
      const own = scores.subarray(row * classes, (row + 1) * classes);
      const token = ended[row] ? text[0] : drawToken(own, sampling, randoms[row]);
      running[row].push(token);
      ended[row] ||= token === stop;
      if (!ended[row]) text.push(token);
    }
    onToken?.(t + 1 - start);
    await breathe();
  }
  return texts;
}

/** Scores behind texts that grow together. */
function reader(
  session: Session,
): (texts: readonly (readonly number[])[]) => Promise<Float32Array> {
  let cache = cacheOf(session);
  let past: Past | undefined;
  return async (texts) => {
    if (cache === undefined) {
      const found = await session.run(languageFeeds(session.inputs, { windows: texts }), [LAST]);
      return toFloats(found[LAST]);
    }
    const windows = texts.map((text) => text.slice(past?.length));
    const step = await readOn(session, cache, { windows, ...(past && { past }) }, [LAST]);
    past = step.past;
    if (past === undefined) cache = undefined;
    return toFloats(step.found[LAST]);
  };
}
