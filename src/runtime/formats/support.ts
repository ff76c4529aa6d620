import type { Runtime, Session } from '../types.ts';
import { toFloats } from '../values.ts';
import { FORMAT_CASES, type FormatCase } from './cases.ts';
import { formatProbe, type FormatProbe, type ProbeRun } from './probe.ts';

/** Does this device compute a form, and correctly? */
export interface Support {
  readonly ok: boolean;
  /** Furthest result from the right one, as a share of the largest right one. */
  readonly error?: number;
  /** One sentence, when not ok. */
  readonly reason?: string;
}

/** 2⁻¹⁰ of the largest value: kernels may sum in another order, and accumulate in float32. */
const TOLERANCE = 2 ** -10;

const memory = new WeakMap<Runtime, Map<string, Promise<Support>>>();

/** Probes one form on a device, once; later questions get the same answer. */
export function supports(runtime: Runtime, id: string): Promise<Support> {
  const known = memory.get(runtime) ?? new Map<string, Promise<Support>>();
  memory.set(runtime, known);
  const answer = known.get(id) ?? probe(runtime, caseOf(id));
  known.set(id, answer);
  return answer;
}

function caseOf(id: string): FormatCase {
  const found = FORMAT_CASES.find((one) => one.id === id);
  if (found === undefined) throw new TypeError(`There is no format probe "${id}".`);
  return found;
}

async function probe(runtime: Runtime, test: FormatCase): Promise<Support> {
  try {
    return await runProbe(runtime, formatProbe(test));
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** True when the device computes a form without leaving any operator to the CPU. */
export async function runsWholly(runtime: Runtime, id: string): Promise<boolean> {
  const { model } = formatProbe(caseOf(id));
  try {
    await (await runtime.open(model, { deviceOnly: true })).release();
    return true;
  } catch {
    return false;
  }
}

/** Runs a probe's model; rejects where the device refuses it. */
export async function runProbe(
  runtime: Runtime,
  { id, model, runs }: FormatProbe,
): Promise<Support> {
  const session = await runtime.open(model);
  try {
    let error = 0;
    for (const run of runs) error = Math.max(error, await errorOf(session, run));
    if (error <= TOLERANCE) return { ok: true, error };
    const reason = `This device computes the form "${id}" wrongly (off by ${(100 * error).toPrecision(2)} % of the largest result).`;
    return { ok: false, error, reason };
  } finally {
    await session.release();
  }
}

async function errorOf(session: Session, { feeds, expected }: ProbeRun): Promise<number> {
  const { y } = await session.run(feeds);
  const found = toFloats(y);
  if (found.length !== expected.length) return Infinity;
  let [furthest, largest] = [0, 0];
  expected.forEach((value, i) => {
    const distance = Math.abs(value - found[i]);
    furthest = Math.max(furthest, Number.isNaN(distance) ? Infinity : distance);
    largest = Math.max(largest, Math.abs(value));
  });
  return largest === 0 ? furthest : furthest / largest;
}
