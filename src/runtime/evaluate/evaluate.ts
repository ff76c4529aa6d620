import type { TokenWindow } from '../../core/data/types.ts';
import { evaluateClassifier } from './classifier.ts';
import { evaluateLanguageModel } from './language-model.ts';
import { evaluateOutputs } from './outputs.ts';
import type { Contenders, Evaluation, EvaluationHooks, ExampleBatch } from './types.ts';

/** What to measure on. */
export type EvaluationData =
  | { readonly task: 'language-model'; readonly windows: readonly TokenWindow[] }
  | {
      readonly task: 'classifier' | 'encoder' | 'unknown';
      readonly batches: Iterable<ExampleBatch> | AsyncIterable<ExampleBatch>;
      /** Examples in all batches, for progress. */
      readonly total: number;
    };

/** Measures a model, alone or against its original, with the measures its task calls for. */
export function evaluate(
  contenders: Contenders,
  data: EvaluationData,
  hooks: EvaluationHooks = {},
): Promise<Evaluation> {
  switch (data.task) {
    case 'language-model':
      return evaluateLanguageModel(contenders, data.windows, hooks);
    case 'classifier':
      return evaluateClassifier(contenders, data.batches, data.total, hooks);
    default:
      return evaluateOutputs(contenders, data.batches, data.total, {
        ...hooks,
        embeddings: data.task === 'encoder',
      });
  }
}
