import type { Dataset, TokenWindow } from '../../core/data/types.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import { tokenInput } from '../../runtime/feeds.ts';
import { inputPorts } from '../../runtime/ports.ts';
import { ownTokens, type KeptTokens } from '../../runtime/token-views.ts';
import type { PortInfo } from '../../runtime/types.ts';
import type { Examples } from '../data/examples.ts';
import type { OpenModel } from '../model/open.ts';
import { isKept, keptStretches } from './kept-windows.ts';

/** What the protocol's sentence and the report say of what a smaller vocabulary leaves out. */
interface Said {
  readonly added: string;
  readonly warnings: readonly string[];
}

const NOTHING: Said = { added: '', warnings: [] };

/** Windows both models can read, and what was left out of them. Throws `tokens-nowhere`. */
export function windowsWith(
  name: string,
  windows: readonly TokenWindow[],
  kept: KeptTokens | undefined,
): Said & { readonly windows: readonly TokenWindow[] } {
  if (kept === undefined) return { windows, ...NOTHING };
  const stays = isKept(kept);
  const stretches = windows.flatMap((window) => keptStretches(window, stays));
  if (stretches.length === 0) throw nowhere(name);
  const [all, left] = [scored(windows), scored(stretches)];
  const over = `; scored over the ${kept.columns.length} tokens that both have`;
  if (left === all) return { windows, added: over, warnings: [] };
  const tokens = windows.flatMap(({ ids }) => [...ids]);
  const dropped = tokens.filter((id) => !stays(id)).length / tokens.length;
  return {
    windows: stretches,
    added: `; of these the ${left} that the model can predict, in the ${stretches.length} stretches between tokens it no longer has${over}`,
    warnings: [droppedSentence(dropped)],
  };
}

function scored(windows: readonly TokenWindow[]): number {
  return windows.reduce((sum, { ids, firstCounted }) => sum + ids.length - firstCounted, 0);
}

/**
 * Examples that both models can be compared on: those all of whose tokens are kept, or all where the model reads them
 * with a tokenizer of its own (`read`). Throws `tokens-nowhere`.
 */
export function examplesWith(
  examples: Examples,
  ports: readonly PortInfo[],
  kept: KeptTokens | undefined,
  read?: Examples,
): Said & { readonly all: readonly number[] } {
  const every = Array.from({ length: examples.count }, (_, i) => i);
  const input = tokenInput(ports)?.name;
  if (kept === undefined || input === undefined) return { all: every, ...NOTHING };
  const { tokens, dropped } = tokensOf(examples, ports, input, kept);
  const gone = dropped.reduce((sum, n) => sum + n, 0);
  if (gone === 0) return { all: every, ...NOTHING };
  const share = gone / tokens;
  if (read) {
    const added = '; each model reads them with its own tokenizer';
    return { all: every, added, warnings: [readSentence(share)] };
  }
  const all = every.filter((index) => dropped[index] === 0);
  if (all.length === 0) throw nowhere(examples.name);
  const added = `; the others of ${every.length} hold tokens that the model no longer has`;
  return { all, added, warnings: [droppedSentence(share)] };
}

/** Tokens of all examples, and how many of each are gone. */
function tokensOf(
  examples: Examples,
  ports: readonly PortInfo[],
  input: string,
  kept: KeptTokens,
): { readonly tokens: number; readonly dropped: readonly number[] } {
  const stays = isKept(kept);
  let tokens = 0;
  const dropped = Array.from({ length: examples.count }, (_, index) => {
    const { feeds, mask } = examples.batch(ports, [index]);
    const ids = Array.from(feeds[input].data, Number).filter((_id, at) => mask?.[at] !== 0);
    tokens += ids.length;
    return ids.filter((id) => !stays(id)).length;
  });
  return { tokens, dropped };
}

function droppedSentence(share: number): string {
  return `${(100 * share).toPrecision(2)} % of the evaluation data's tokens were taken out; texts that hold them are read in smaller pieces, and what that costs is not in the numbers, which are of the rest.`;
}

function readSentence(share: number): string {
  return `${(100 * share).toPrecision(2)} % of the evaluation data's tokens were taken out; the model reads texts that hold them in smaller pieces, and what that costs is in the numbers.`;
}

/** Arrays of tokens in the model's own; texts stay, because its tokenizer reads them. Throws `token-not-kept`. */
export function datasetIn(dataset: Dataset, { model }: OpenModel, kept: KeptTokens): Dataset {
  if (dataset.kind !== 'examples') return dataset;
  return { ...dataset, arrays: ownTokens(inputPorts(model), kept)(dataset.arrays) };
}

function nowhere(name: string): LatheError {
  return new LatheError(
    'tokens-nowhere',
    `Everything in the evaluation data "${name}" holds tokens that are to be taken out, so nothing could be compared; raise the coverage, or choose calibration data that is more like it.`,
  );
}
