import { LatheError } from '../../src/core/errors/lathe-error.ts';
import { tagsSpans } from '../../src/core/metrics/spans.ts';
import { encodeWithin } from '../../src/core/text/encode-within.ts';
import { fixedBatch } from '../../src/engine/data/batch-size.ts';
import { groupsOf } from '../../src/engine/data/examples.ts';
import { tokenExamples } from '../../src/engine/data/token-examples.ts';
import { textLength } from '../../src/engine/data/token-lengths.ts';
import { tokenizerFor } from '../../src/engine/data/tokenizer-for.ts';
import type { OpenModel } from '../../src/engine/model/open.ts';
import { runLogits, scoreOutput } from '../../src/runtime/evaluate/logits.ts';
import type { Session } from '../../src/runtime/types.ts';
import type { Tag, Tagging } from '../protocol.ts';
import { likeliest } from './compared-rows.ts';
import { inOriginal } from './in-original.ts';
import { spelled } from './spelled.ts';
import type { Pair } from './try-it.ts';

/** The class that both models give each token of a text. */
export async function tagText(open: OpenModel, pair: Pair, text: string): Promise<Tagging> {
  if (text.trim() === '') {
    throw new LatheError('text-empty', 'There is no text; type one to see which class it is in.');
  }
  const tokenizer = tokenizerFor(open);
  const examples = tokenExamples(open, { kind: 'text', name: 'typed', documents: [text] });
  const most = examples.length ?? textLength(open);
  const ids = Array.from(encodeWithin(tokenizer, text, most));
  const answer = (session: Session) => tags(open, session, examples, ids.length);
  const [left, right] = [await answer(pair.left), await answer(pair.right)];
  const pieces = spelled(tokenizer, ids).map((token) => token.text);
  const tokens = inOriginal(text, pieces).map((own, at) => ({
    text: own,
    left: left[at],
    right: right[at],
  }));
  return {
    // Special tokens say nothing.
    tokens: tokens.filter((token) => token.text !== ''),
    spans: open.labels !== undefined && tagsSpans(open.labels),
    cut: tokenizer.encode(text, { addSpecial: true }).length > ids.length,
  };
}

async function tags(
  { labels }: OpenModel,
  session: Session,
  examples: ReturnType<typeof tokenExamples>,
  count: number,
): Promise<Tag[]> {
  const [group] = groupsOf([0], fixedBatch(session.inputs) ?? 1, true);
  const { feeds } = examples.batch(session.inputs, group.indices);
  const { values, classes } = await runLogits(session, feeds, scoreOutput(session));
  return Array.from({ length: count }, (_, at) => {
    const [{ id, probability }] = likeliest(values.subarray(at * classes, (at + 1) * classes), 1);
    return { label: labels?.at(id) ?? String(id), probability };
  });
}
