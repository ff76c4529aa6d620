import type { Anatomy } from '../../core/anatomy/types.ts';
import type { Model, ValueInfo } from '../../core/onnx/types.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import type { ModelConfig } from './config.ts';

/** What a model can be measured on. */
export type Task = 'language-model' | 'classifier' | 'encoder' | 'unknown';

function rank(value: ValueInfo | undefined): number | undefined {
  return value?.type?.dims?.length;
}

/** Whether sequences of token ids go in. */
export function takesTokens(model: Model): boolean {
  const { int64, int32 } = DataType;
  return model.graph.inputs.some(
    (i) => (i.type?.dataType === int64 || i.type?.dataType === int32) && rank(i) === 2,
  );
}

function lastDimension(value: ValueInfo | undefined): number | undefined {
  return value?.type?.dims?.at(-1)?.value;
}

function predictsVocabulary(model: Model, anatomy: Anatomy, config: ModelConfig): boolean {
  const classes = lastDimension(model.graph.outputs[0]);
  const vocabulary = anatomy.vocabularySize ?? config.vocab_size;
  return classes === undefined
    ? anatomy.layers.some((l) => l.role === 'output-head')
    : classes === vocabulary;
}

/**
 * Decided by the shapes of inputs and outputs, helped by `config.json`: tokens in and a score per
 * vocabulary entry and position out is a language model; one row of scores per example a classifier;
 * tokens in and vectors out an encoder. Whatever is none of these is measured as fidelity only.
 */
export function taskOf(model: Model, anatomy: Anatomy, config: ModelConfig): Task {
  const output = model.graph.outputs[0];
  const tokens = takesTokens(model);
  if (tokens && rank(output) === 3) {
    const causal = !(config.architectures ?? []).some((a) => a.endsWith('MaskedLM'));
    return causal && predictsVocabulary(model, anatomy, config) ? 'language-model' : 'encoder';
  }
  if (rank(output) === 2) {
    const named = config.id2label !== undefined || (lastDimension(output) ?? 0) > 1;
    return named ? 'classifier' : 'unknown';
  }
  return tokens ? 'encoder' : 'unknown';
}
