import { languageFeeds, tokenInput } from '../../runtime/feeds.ts';
import { inputPorts } from '../../runtime/ports.ts';
import type { Feeds } from '../../runtime/values.ts';
import type { OpenModel } from '../model/open.ts';
import { windowLength } from './batches.ts';

/** One input of a stated number of tokens. */
export interface LatencyInput {
  readonly tokens: number;
  readonly feeds: Feeds;
}

/** A question, and a page: packed weights are unpacked once for each run, which weighs on the short one. */
const LENGTHS = { short: 16, long: 256 };

/**
 * A short and a long input of a model that reads tokens, at most as long as its window; nothing for a
 * model that takes anything else, or tokens in one fixed number. Which tokens they are takes no time.
 */
export function latencyInputs(
  open: Pick<OpenModel, 'model' | 'config' | 'anatomy'>,
): Partial<Record<keyof typeof LENGTHS, LatencyInput>> {
  const ports = inputPorts(open.model);
  if (typeof tokenInput(ports)?.dims.at(-1) !== 'string') return {};
  const vocabulary = open.anatomy.vocabularySize ?? 2;
  const input = (tokens: number): LatencyInput | undefined => {
    const window = Int32Array.from({ length: tokens }, (_, i) => (7919 * (i + 1)) % vocabulary);
    try {
      return { tokens, feeds: languageFeeds(ports, { windows: [window] }) };
    } catch {
      // An input that text does not determine: what it costs is told for the whole example alone.
      return undefined;
    }
  };
  const [short, long] = [LENGTHS.short, LENGTHS.long].map((tokens) =>
    input(windowLength(open, tokens)),
  );
  return {
    ...(short && { short }),
    ...(long && long.tokens !== short?.tokens && { long }),
  };
}
