import { LatheError } from '../../core/errors/lathe-error.ts';
import type { DeviceLatency, LatencyAt, LatencyPair } from '../../core/report/types.ts';
import { measureLatency, type LatencyOptions } from '../../runtime/latency.ts';
import type { Session } from '../../runtime/types.ts';
import type { Feeds } from '../../runtime/values.ts';
import type { LatencyInput, latencyInputs } from '../data/latency-inputs.ts';

/** The original and the compressed model, open at the same time. */
export interface Contenders {
  readonly original: Session;
  readonly compressed: Session;
}

/** Fewer than of the representative run: two more lengths are measured, and the ratio is what counts. */
const AT_LENGTH = { warmUp: 1, runs: 5 };

/** Where the short and the long input begin among all timing, roughly. */
const [SHORT_FROM, LONG_FROM] = [0.5, 0.6];
type Share = readonly [from: number, to: number];

/**
 * Latency of one representative run and, where the model reads tokens, of a short and a long input. A
 * length that the graph does not take (a table of positions may end before) is left out.
 */
export async function contendersLatency(
  { original, compressed }: Contenders,
  feeds: Feeds,
  inputs: ReturnType<typeof latencyInputs>,
  hooks: { readonly signal?: AbortSignal; readonly progress: (fraction: number) => void },
): Promise<DeviceLatency> {
  const signal = hooks.signal && { signal: hooks.signal };
  const runs = (given: Feeds, options: LatencyOptions): Promise<LatencyPair> =>
    measureLatency(
      { original: () => original.run(given), compressed: () => compressed.run(given) },
      { ...options, ...signal },
    );
  const within = ([from, to]: Share) => ({
    progress: (fraction: number) => hooks.progress(from + (to - from) * fraction),
  });
  const whole = await runs(feeds, within([0, SHORT_FROM]));
  const at = async (
    input: LatencyInput | undefined,
    share: Share,
  ): Promise<LatencyAt | undefined> => {
    if (input === undefined) return undefined;
    const { tokens } = input;
    if (sameSizes(feeds, input.feeds)) return { tokens, ...whole };
    const options = { ...AT_LENGTH, ...within(share) };
    return runs(input.feeds, options).then((pair) => ({ tokens, ...pair }), passCancel);
  };
  const short = await at(inputs.short, [SHORT_FROM, LONG_FROM]);
  const long = await at(inputs.long, [LONG_FROM, 1]);
  hooks.progress(1);
  return { ...whole, ...(short && { short }), ...(long && { long }) };
}

/** Whether two inputs have the same shapes, so that measuring one is measuring the other. */
function sameSizes(a: Feeds, b: Feeds): boolean {
  return Object.entries(a).every(
    ([name, { dims }]) => Object.hasOwn(b, name) && b[name].dims.join() === dims.join(),
  );
}

function passCancel(error: unknown): undefined {
  if (error instanceof LatheError && error.code === 'cancelled') throw error;
  return undefined;
}
