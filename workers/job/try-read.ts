import { LatheError } from '../../src/core/errors/lathe-error.ts';
import type { TokenWindow } from '../../src/core/data/types.ts';
import type { Metric } from '../../src/core/metrics/types.ts';
import { promptTokens } from '../../src/engine/continue-text.ts';
import { windowLength } from '../../src/engine/data/batches.ts';
import { openedPart } from '../../src/engine/encoder-decoder/whole.ts';
import type { OpenModel } from '../../src/engine/model/open.ts';
import { cacheOf } from '../../src/runtime/cache-ports.ts';
import { evaluate, type EvaluationData } from '../../src/runtime/evaluate/evaluate.ts';
import type { Logits } from '../../src/runtime/evaluate/logits.ts';
import type { Siblings } from '../../src/runtime/evaluate/types.ts';
import type { Expectation, ReadQuestion, Reading, ReadToken } from '../protocol.ts';
import { comparedRows, type ComparedRow, type Guess } from './compared-rows.ts';
import { oneToken, spelled } from './spelled.ts';
import type { ReadPiece } from './try-data.ts';
import type { Pair } from './try-it.ts';

/** A text typed in, as the evaluation would cut it. */
export function typedPiece(open: OpenModel, text: string): ReadPiece & { readonly cut: boolean } {
  const length = windowLength(open);
  const ids = promptTokens(open, text);
  if (ids.length < 2) throw tooShort();
  const window = { ids: Int32Array.from(ids.slice(0, length)), firstCounted: 1, document: 0 };
  return { kind: 'window', window, cut: ids.length > length };
}

/** The document of a question: of the evaluation data, or typed in. */
export function pieceOf(
  open: OpenModel,
  question: ReadQuestion,
  pieces: readonly ReadPiece[],
): ReadPiece & { readonly cut: boolean } {
  if (question.text !== undefined) return typedPiece(open, question.text);
  const piece = pieces.at(question.document);
  if (piece === undefined) throw noDocument(question.document, pieces.length);
  return { ...piece, cut: piece.window.ids.length >= windowLength(open) };
}

/**
 * Both models read the same text, and what they expect is compared at each token: by the evaluation's own code, so
 * that the mean over a document is what the evaluation counts for it.
 */
export async function readText(
  open: OpenModel,
  pair: Pair,
  siblings: Siblings,
  piece: ReadPiece & { readonly cut: boolean },
  cached = false,
): Promise<Reading> {
  let rows: readonly ComparedRow[] = [];
  let window: TokenWindow = piece.window;
  const { compressed } = await evaluate(
    { original: { session: pair.left }, model: { session: pair.right }, siblings },
    dataOf(open, piece),
    {
      protocol: cached && isCached(pair) ? 'cached' : 'windows',
      scored: (p, q, scored) => {
        window = scored;
        rows = compared(p ?? q, q, scored);
      },
    },
  );
  const source = sourceOf(open, piece);
  return {
    tokens: tokensOf(open, window, rows),
    ...(source !== undefined && { source }),
    kl: known(compressed.kl),
    sameTop1: known(compressed.sameTop1),
    cut: piece.cut,
  };
}

function isCached({ left, right }: Pair): boolean {
  return [left, right].every((session) => cacheOf(session) !== undefined);
}

function dataOf(open: OpenModel, piece: ReadPiece): EvaluationData {
  if (piece.kind === 'window') return { task: 'language-model', windows: [piece.window] };
  const opened = openedPart(open) ?? 'decoder';
  return { task: 'sequence-to-sequence', pairs: [piece.pair], opened };
}

/** Row t − 1 predicts token t. */
function compared(p: Logits, q: Logits, { ids, firstCounted }: TokenWindow): ComparedRow[] {
  const rowsOf = ({ values, classes }: Logits) =>
    values.subarray((firstCounted - 1) * classes, (ids.length - 1) * classes);
  return comparedRows(rowsOf(p), rowsOf(q), q.classes, ids.subarray(firstCounted));
}

function tokensOf(
  { tokenizer }: OpenModel,
  { ids, firstCounted }: TokenWindow,
  rows: readonly ComparedRow[],
): ReadToken[] {
  const all = Array.from(ids);
  const texts = tokenizer && spelled(tokenizer, all);
  // What adds nothing to the text, a special token or half a letter, goes by its own name.
  const textOf = (id: number, at: number): string =>
    texts === undefined ? `#${id} ` : texts[at].text || (tokenizer?.tokenText(id) ?? '');
  const expected = (at: number, { probability, top }: Guess): Expectation => ({
    probability,
    top: top.map((likely) => ({
      ...likely,
      text: oneToken(tokenizer, all[at - 1], likely.id),
    })),
  });
  return all.map((id, at) => {
    const row = rows.at(at - firstCounted);
    const text = textOf(id, at);
    if (at < firstCounted || row === undefined) return { id, text };
    const { kl, p, q } = row;
    return { id, text, predicted: { kl, left: expected(at, p), right: expected(at, q) } };
  });
}

function sourceOf({ tokenizer }: OpenModel, piece: ReadPiece): string | undefined {
  if (piece.kind === 'window' || piece.pair.source?.kind !== 'tokens') return undefined;
  return tokenizer?.decode(Array.from(piece.pair.source.ids));
}

function known(metric: Metric | undefined): Metric {
  return metric ?? { value: NaN, standardError: NaN, n: 0 };
}

function tooShort(): LatheError {
  return new LatheError(
    'text-short',
    'The text is a single token, which leaves nothing to predict; type a few more words.',
  );
}

function noDocument(document: number, count: number): LatheError {
  return new LatheError(
    'no-document',
    `There is no document ${document}, the evaluation data has ${count}; choose one from 0 to ${count - 1}.`,
    { document, count },
  );
}
