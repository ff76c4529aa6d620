import { LatheError } from '../../core/errors/lathe-error.ts';
import type { DeviceLatency, LatencyAt, LatencyPair } from '../../core/report/types.ts';
import { withOwnCaches } from '../../runtime/cache-feeds.ts';
import { measureLatency, type LatencyOptions } from '../../runtime/latency.ts';
import type { Session } from '../../runtime/types.ts';
import type { Feeds } from '../../runtime/values.ts';
import type { LatencyInput, latencyInputs } from '../data/latency-inputs.ts';

/** The original and the compressed model, open at the same time. */
export interface Contenders {
  readonly original: Session;
  readonly compressed: Session;
}

/**
 * Milliseconds for runs that are over soon. The first of a session at a length are slow (kernels are still being
 * compiled), the more so where few have run before: without it a first result would differ from the next.
 */
const SETTLE = 600;

/** Fewer than of the representative run where runs are long: two more lengths are measured. */
const AT_LENGTH = { warmUp: 2, runs: 5 };

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
      { original: running(original, given), compressed: running(compressed, given) },
      { settle: SETTLE, ...options, ...signal },
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

/** Inputs are made for the original, of which the compressed model may keep the cache in other numbers. */
function running(session: Session, given: Feeds) {
  const own = withOwnCaches(session.inputs, given);
  return () => session.run(own);
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
