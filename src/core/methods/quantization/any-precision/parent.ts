import { isPlainNumbers, type Coded } from '../../../encodings/index.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import type { Seen } from '../../../statistics/seen.ts';
import { dampingWarning, fewRowsWarning } from '../../../statistics/warnings.ts';
import { fromFloat32, toFloat32 } from '../../../tensor/convert.ts';
import type { KeptCodes, LayerWeight, MethodContext } from '../../contract.ts';
import { requireSeen } from '../../require-seen.ts';
import { blocksIn, eachBlock, type Blocks } from '../blocks.ts';
import { roundedWarning } from '../or-rounded.ts';
import { meta, type AnyPrecisionOptions } from './meta.ts';
import { objective } from './nested-code.ts';
import { nearestCode, position, type Width } from './nested-grid.ts';
import { nestedScales } from './nested-scales.ts';
import { nestedSweep } from './nested-sweep.ts';

/** Codes of all the parent's bits, and the scales of all widths. Throws `weight-not-finite`, `statistics-missing`. */
export function findParent(
  weight: LayerWeight,
  planned: Coded,
  seen: Seen,
  options: AnyPrecisionOptions,
  hooks: Pick<MethodContext, 'signal' | 'progress'>,
): KeptCodes {
  const { layer, values } = weight;
  const { parent, rounding, balance, clip, damping, refine } = options;
  const goal = objective(parent, balance);
  const blocks = blocksIn(planned, layer);
  // WHY rounded first: the codes then belong to the scales that the file holds.
  const scales = asStored(planned, nestedScales(values, blocks, goal, clip));
  const nearest = (...warnings: string[]): KeptCodes => ({
    ...{ codes: nearestCodes(values, scales, blocks, parent), scales, warnings },
  });
  // Nothing multiplies with the table of a look-up.
  if (rounding === 'nearest' || layer.op === 'Gather') return nearest();
  const moments = requireSeen(seen, 'moments', weight, meta);
  const { outFeatures: rows, inFeatures: columns } = layer;
  const shape = { weight: values, rows, columns, groupSize: planned.groupSize, scales };
  const problem = { ...shape, h: moments.values, damping, refine };
  try {
    const swept = nestedSweep(problem, goal, hooks);
    const said = [fewRowsWarning(moments), dampingWarning(damping, swept.damping)];
    const warnings = said.filter((sentence) => sentence !== undefined);
    return { codes: swept.codes, scales, warnings };
  } catch (error) {
    if (!(error instanceof LatheError) || error.code !== 'hessian-not-positive-definite')
      throw error;
    return nearest(roundedWarning(layer.name));
  }
}

function asStored({ scales }: Coded, found: Float32Array): Float32Array {
  if (scales === undefined || !isPlainNumbers(scales)) return found;
  return toFloat32(scales.dataType, fromFloat32(scales.dataType, found, true), found.length);
}

/** q = clamp(⌊(w / s + 1)·2^(parent − 1)⌋): its top n bits are the nearest that n bits have, for every n. */
function nearestCodes(
  values: Float32Array,
  scales: Float32Array,
  blocks: Blocks,
  parent: Width,
): Uint8Array {
  const codes = new Uint8Array(values.length);
  eachBlock(values.length, blocks, (from, end, block) => {
    for (let i = from; i < end; i++)
      codes[i] = nearestCode(position(values[i], scales[block], parent), parent);
  });
  return codes;
}
