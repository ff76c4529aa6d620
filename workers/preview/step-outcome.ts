import { decodeWeight, didOf } from '../../src/core/encodings/index.ts';
import type { LayerWeight } from '../../src/core/methods/contract.ts';
import { nothingSeen } from '../../src/core/statistics/seen.ts';
import { seededRandom } from '../../src/core/random/seeded.ts';
import { formOrThrow } from './form.ts';
import { wholeOutcome, type Outcome } from './outcome.ts';
import type { PreviewStep } from './picture.ts';
import type { Subject } from './pictures.ts';
import { rounded } from './rounding.ts';
import { standIn } from './stand-in.ts';

/** What a step makes of a weight, or what stands in for it; by the kernel there is, else as in a recipe. */
export async function stepOutcome(subject: Subject, step: PreviewStep): Promise<Outcome> {
  const shown = standIn(step.method, step.options);
  const outcome = rounded(subject, shown) ?? (await compressed(subject, shown));
  return { ...outcome, ...(shown.note !== undefined && { note: shown.note }) };
}

async function compressed(
  subject: Subject,
  { method, options }: ReturnType<typeof standIn>,
): Promise<Outcome> {
  const { weight, frame } = subject;
  const { encoder } = method;
  const context = { random: seededRandom(0, 'preview') };
  const form = formOrThrow(subject, method, options);
  const prepared = (await encoder.prepare?.(only(weight), options, context)) ?? options;
  const { encoded } = await encoder.encode(weight, form, nothingSeen, prepared, context);
  const shown = decodeWeight(encoded, frame.rows, frame.columns);
  return wholeOutcome(subject, { shown, encoded, from: 'preview', did: didOf(encoded) });
}

function only(weight: LayerWeight): () => AsyncGenerator<LayerWeight> {
  return async function* () {
    yield weight;
  };
}
