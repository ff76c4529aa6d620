import type { z } from 'zod';
import type { Layer } from '../../anatomy/types.ts';
import {
  fillCodes,
  requireKind,
  standardOpset,
  type Coded,
  type Encoded,
} from '../../encodings/index.ts';
import { quantizeTensor, quantizeUniform } from '../../kernels/rtn.ts';
import type { Model } from '../../onnx/types.ts';
import type { LayerWeight, Refusal } from '../contract.ts';
import type { uniformFields } from './uniform-options.ts';
import { planUniform } from './uniform-plan.ts';

export interface Int8Choice {
  readonly blockSize: 'channel' | 'tensor';
  readonly clip: z.infer<typeof uniformFields.clip>;
}

/** int8 codes and float32 scales; refused below the operator set that rounds the input. */
export function planInt8(
  layer: Layer,
  { blockSize }: Int8Choice,
  model: Model,
  { operator, opset: least }: { readonly operator: string; readonly opset: number },
): Coded | Refusal {
  const opset = standardOpset(model);
  if (opset >= least) {
    return planUniform(layer, { bits: 8, blockSize, symmetric: true, scales: 'float32' }, model);
  }
  return {
    refused: `"${layer.name}" is in a model of operator set ${opset}, and rounding its input takes ${operator} of set ${least}: export the model again with a newer operator set.`,
  };
}

/**
 * Ŵ = s·q, s = w* / −128 with w* the value of largest magnitude per row or of all, q = clamp(round(w / s), −128, 127): round to
 * nearest's symmetric 8 bits. Throws `weight-not-finite`.
 */
export function int8Codes(
  { layer, values }: LayerWeight,
  form: Encoded,
  { clip }: Int8Choice,
): Coded {
  const planned = requireKind(form, 'coded');
  const grid = { bits: 8, range: 'signed-max', clip } as const;
  const { outFeatures: rows, inFeatures: columns } = layer;
  const codes =
    planned.granularity === 'tensor'
      ? quantizeTensor(values, grid)
      : quantizeUniform(values, rows, columns, { ...grid, groupSize: columns });
  return fillCodes(planned, codes);
}
