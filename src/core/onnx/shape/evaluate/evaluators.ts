import type { Evaluator } from '../types.ts';
import { arithmeticEvaluators } from './arithmetic.ts';
import { creationEvaluators } from './creation.ts';
import { movementEvaluators } from './movement.ts';

/** How the ai.onnx operators of shape arithmetic are computed, by operator type. */
export const evaluators: ReadonlyMap<string, Evaluator> = new Map(
  Object.entries({ ...arithmeticEvaluators, ...creationEvaluators, ...movementEvaluators }),
);
