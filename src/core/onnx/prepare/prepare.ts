import { LatheError } from '../../errors/lathe-error.ts';
import { opsetOf } from '../graph/opset.ts';
import { inlineFunctions, type Inlined } from '../inline/inline.ts';
import { raiseModel } from '../raise/raise.ts';
import type { Model } from '../types.ts';
import { validateModel } from '../validate.ts';
import { withoutDeclaredWeights } from './declared-weights.ts';
import { liftConstants } from './lift-constants.ts';
import { rememberStored } from './stored-form.ts';

/** A model as everything after its opening sees it. */
export interface Prepared {
  readonly model: Model;
  /** What was changed to get there and what could not be, one sentence each; it computes the same. */
  readonly opened: readonly string[];
}

/**
 * Every written form of a weight but per-channel DequantizeLinear can be expressed in 11; what is older is
 * brought to 13, which has that too. A model of 11 or 12 stays in its set, which its runtime may need.
 */
const OLDEST_SET = 11;
const RAISED_TO = 13;

/**
 * Brings the weights of a model to where they can be seen: functions are unfolded into the graph,
 * Constant nodes with weights become initializers, weights listed as inputs are weights, and an old
 * operator set is brought up to date. The result computes the same; a model that needs none of it is
 * returned itself. Throws `onnx-recursive-function`, `onnx-too-many-parts`.
 */
export function prepareModel(model: Model): Prepared {
  const inlined = inlineFunctions(model);
  const undeclared = withoutDeclaredWeights(inlined.model);
  const raised = raiseOld(undeclared.model);
  const lifted = liftConstants(raised.model);
  const { irVersion } = model;
  const opened = [
    ...inlinedSentences(inlined),
    ...some(undeclared.count, 'weight', `taken from the list of inputs (IR ${irVersion})`),
    ...raised.opened,
    ...some(lifted.count, 'Constant node', 'turned into initializers, because they hold weights'),
  ];
  if (lifted.model !== model) validateModel(lifted.model);
  rememberStored(lifted.model, model);
  return { model: lifted.model, opened };
}

function inlinedSentences({ functions, calls, left }: Inlined): string[] {
  return [
    ...some(functions.length, 'function', `inlined (called ${calls}×)`),
    ...left.map(({ name, reason }) => `The function "${name}" was not inlined: ${reason}`),
  ];
}

/** "3 functions were inlined."; nothing for none. */
function some(count: number, what: string, done: string): string[] {
  if (count === 0) return [];
  return [count === 1 ? `1 ${what} was ${done}.` : `${count} ${what}s were ${done}.`];
}

/** What stands in the way of one operator must not keep the others from being looked at. */
function raiseOld(model: Model): Prepared {
  const from = opsetOf(model, '');
  if (from === 0 || from >= OLDEST_SET) return { model, opened: [] };
  try {
    const opened = [`The graph was brought from operator set ${from} to ${RAISED_TO}.`];
    return { model: raiseModel(model, RAISED_TO), opened };
  } catch (error) {
    if (!(error instanceof LatheError)) throw error;
    return { model, opened: [error.message] };
  }
}
