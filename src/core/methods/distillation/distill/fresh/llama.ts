import { normEpsilon, rotaryOf } from '../../../../anatomy/constants.ts';
import type { Anatomy } from '../../../../anatomy/types.ts';
import { LatheError } from '../../../../errors/lathe-error.ts';
import {
  initialLlamaWeights,
  initialWeights,
  llamaWeights,
  plannedWeights,
} from '../../../../onnx/build/initial-weights.ts';
import type { LlamaConfig } from '../../../../onnx/build/llama-config.ts';
import { buildLlama } from '../../../../onnx/build/llama.ts';
import type { Graph, Model } from '../../../../onnx/types.ts';
import { portsOf, withPortsOf } from './ports.ts';
import type { FreshSizes } from './sizes.ts';

/**
 * A Llama-like student: rotary frequencies, longest sequence, ε and a tied head as the teacher's.
 * Throws `fresh-rotary`, `fresh-input`, `fresh-output`.
 */
export async function freshLlama(
  graph: Graph,
  { vocabularySize = 0, tiedHead }: Anatomy,
  sizes: FreshSizes,
  ids: string,
  seed: number | undefined,
): Promise<Model> {
  const ports = portsOf(graph, ids);
  const rotary = await rotaryOf(graph, sizes.headSize);
  if (rotary === undefined) throw rotaryUnknown();
  const config: LlamaConfig = {
    ...sizes,
    vocabularySize,
    maxPositions: rotary.maxPositions,
    rotaryFrequencies: rotary.frequencies,
    rotary: 'half-split',
    normEpsilon: normEpsilon(graph),
    attentionMask: ports.mask !== undefined,
    positionIds: ports.positions !== undefined,
  };
  const source = seed === undefined ? plannedWeights : initialWeights(seed);
  const weights =
    seed === undefined ? llamaWeights(config, plannedWeights) : initialLlamaWeights(config, seed);
  const head = source('lm_head', [vocabularySize, sizes.hiddenSize]);
  const student = buildLlama(config, tiedHead === true ? weights : { ...weights, head });
  return withPortsOf(graph, ports, student, { data: 'input_ids', scores: 'logits' });
}

function rotaryUnknown(): LatheError {
  return new LatheError(
    'fresh-rotary',
    'The angles by which this model turns queries and keys are stored in no table that could be read, and a fresh student needs them; use a shallow student.',
  );
}
