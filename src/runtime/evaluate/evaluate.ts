import type { TokenWindow } from '../../core/data/types.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import type { SequencePair } from '../encoder-decoder/sequence-pair.ts';
import { evaluateAnswerEnds } from './answer-ends.ts';
import { evaluateClassifier } from './classifier.ts';
import { evaluatePart, type OpenedPart } from './encoder-decoder.ts';
import { evaluateLanguageModel } from './language-model.ts';
import { evaluateOutputs } from './outputs.ts';
import { evaluatePairs } from './pairs.ts';
import { evaluateTokenClassifier } from './token-classifier.ts';
import type { Contenders, Evaluation, EvaluationOptions, ExampleBatch } from './types.ts';

/** What to measure on. */
export type EvaluationData =
  | { readonly task: 'language-model'; readonly windows: readonly TokenWindow[] }
  | {
      readonly task: 'sequence-to-sequence';
      readonly pairs: readonly SequencePair[];
      /** The part that the contenders are. */
      readonly opened: OpenedPart;
    }
  | {
      readonly task:
        'classifier' | 'token-classifier' | 'question-answering' | 'pairs' | 'encoder' | 'unknown';
      readonly batches: Iterable<ExampleBatch> | AsyncIterable<ExampleBatch>;
      /** Examples in all batches, for progress. */
      readonly total: number;
      /** Names of the classes, in order. */
      readonly names?: readonly string[];
    };

/**
 * Measures a model, alone or against its original, with the measures its task calls for. Throws
 * `protocol-task` where only a language model can be measured so.
 */
export function evaluate(
  contenders: Contenders,
  data: EvaluationData,
  options: EvaluationOptions = {},
): Promise<Evaluation> {
  if (options.protocol === 'cached' && data.task !== 'language-model') throw noCache();
  switch (data.task) {
    case 'language-model':
      return evaluateLanguageModel(contenders, data.windows, options);
    case 'sequence-to-sequence':
      return evaluatePart(contenders, data, options);
    case 'classifier':
      return evaluateClassifier(contenders, data.batches, data.total, options);
    case 'token-classifier':
      return evaluateTokenClassifier(contenders, data, options);
    case 'question-answering':
      return evaluateAnswerEnds(contenders, data, options);
    case 'pairs':
      return evaluatePairs(contenders, data, options);
    default:
      return evaluateOutputs(contenders, data.batches, data.total, {
        ...options,
        embeddings: data.task === 'encoder',
      });
  }
}

function noCache(): LatheError {
  return new LatheError(
    'protocol-task',
    'Only a language model on text can be measured with its cache filled, and this model gives one answer per example; measure it in windows.',
  );
}
