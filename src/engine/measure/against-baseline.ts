import { methodById } from '../../core/methods/registry.ts';
import { verdict, type MeasuredSide, type Verdict } from '../../core/metrics/verdict.ts';
import type { Report } from '../../core/report/types.ts';
import { evaluate } from '../../runtime/evaluate/evaluate.ts';
import { prepareEvaluation } from '../data/evaluation.ts';
import type { Host } from '../host.ts';
import type { TrialInput } from '../job.ts';
import { openWritten } from '../model/written.ts';
import { RunDevices } from '../run-devices.ts';
import { TrialStore } from '../trials/store.ts';
import type { Trial } from '../trials/types.ts';
import type { MeasureHooks } from './measure.ts';
import { contendersOf, siblingOpeners, withSessions } from './open-sessions.ts';
import { protocolOf } from './protocol.ts';

/**
 * A finished trial against the sibling that ran its baseline: both written files are run on the evaluation data once
 * more, side by side, so that the difference is paired. Made-up inputs say too little for that; the two reports
 * then decide.
 */
export async function againstBaseline(
  host: Host,
  { open, evaluation }: Pick<TrialInput, 'open' | 'evaluation'>,
  { own, baseline }: { readonly own: Trial; readonly baseline: Trial },
  hooks: Pick<MeasureHooks, 'signal' | 'progress'>,
): Promise<Verdict> {
  const [mine, other] = [sideOf(own.report), sideOf(baseline.report)];
  if (evaluation === undefined) return verdict(mine, other);
  const methods = own.recipe.steps.map(({ method }) => ({ method: methodById(method) }));
  const measuring = protocolOf(open, { steps: methods });
  const prepared = await prepareEvaluation(open, evaluation, measuring, undefined, host.runtime);
  const store = new TrialStore(host.storage);
  const written = [await store.written(baseline.id), await store.written(own.id)];
  const devices = new RunDevices(host);
  const { difference } = await devices.attempt(async () => {
    const runtime = await devices.runtime();
    return withSessions(
      [
        ...written.map((model) => () => openWritten(runtime, model)),
        ...siblingOpeners(runtime, prepared),
      ],
      (sessions) =>
        evaluate(contendersOf(sessions, prepared), prepared.data(), {
          protocol: prepared.measuring,
          progress: (fraction) => hooks.progress(fraction, prepared.protocol),
          ...(hooks.signal && { signal: hooks.signal }),
        }),
      hooks.signal,
    );
  });
  return verdict(mine, other, difference);
}

function sideOf(report: Report | undefined): MeasuredSide {
  if (report === undefined) return { bytes: 0 };
  const { after, evaluation } = report;
  return { bytes: after.bytes, ...(evaluation && { evaluation }) };
}
