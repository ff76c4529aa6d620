import type { Anatomy } from '../../core/anatomy/types.ts';
import type { Model, ValueInfo } from '../../core/onnx/types.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import type { ModelConfig } from './config.ts';

/** What a model can be measured on. */
export type Task = 'language-model' | 'sequence-to-sequence' | 'classifier' | 'encoder' | 'unknown';

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

/** Inputs that hold what an encoder made of a source (its states, or keys and values of them), or are beside a source. */
const OF_ENCODER =
  /^encoder_(hidden_states|outputs?|attention_mask)$|^past_.*(encoder|cross)|^decoder_input_ids$/;

/** Whether a decoder looks at the states of an encoder. */
export function readsEncoder({ graph }: Model): boolean {
  return graph.inputs.some(({ name }) => OF_ENCODER.test(name));
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
 * vocabulary entry and position out is a language model, or where an encoder's states go in as well, the decoder
 * of a sequence-to-sequence model; one row of scores per example a classifier;
 * tokens in and vectors out an encoder. Whatever is none of these is measured as fidelity only.
 */
export function taskOf(model: Model, anatomy: Anatomy, config: ModelConfig): Task {
  const output = model.graph.outputs[0];
  const tokens = takesTokens(model);
  if (tokens && rank(output) === 3) {
    const causal = !(config.architectures ?? []).some((a) => a.endsWith('MaskedLM'));
    if (!causal || !predictsVocabulary(model, anatomy, config)) return 'encoder';
    return readsEncoder(model) ? 'sequence-to-sequence' : 'language-model';
  }
  if (rank(output) === 2) {
    const named = config.id2label !== undefined || (lastDimension(output) ?? 0) > 1;
    return named ? 'classifier' : 'unknown';
  }
  return tokens ? 'encoder' : 'unknown';
}
