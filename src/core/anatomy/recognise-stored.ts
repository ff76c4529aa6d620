import type { Model } from '../onnx/types.ts';
import { tiedHeadOf } from './facts.ts';
import type { HeadAndTable } from './facts.ts';
import { lookAhead } from './look-ahead.ts';
import { isTied } from './output-head.ts';
import { recognised } from './recognise.ts';
import { sameValues } from './same-values.ts';
import type { Anatomy } from './types.ts';

/**
 * As {@link recognise}, wherever the model's bytes lie: what recognition has to look at is read first, and
 * an output head is compared with the embedding piece by piece. The same anatomy from memory, a disk
 * and a Blob.
 */
export async function recogniseStored(model: Model): Promise<Anatomy> {
  await lookAhead(model);
  const { anatomy, pairs } = recognised(model);
  if (anatomy.tiedHead !== undefined || pairs.length === 0) return anatomy;
  const results: (boolean | undefined)[] = [];
  for (const pair of pairs) results.push(isTied(pair.head, pair.table) ?? (await compared(pair)));
  const tiedHead = tiedHeadOf(results);
  return tiedHead === undefined ? anatomy : { ...anatomy, tiedHead };
}

async function compared({ head, table }: HeadAndTable): Promise<boolean | undefined> {
  const weight = head.weight?.tensor;
  if (!weight || !table.tensor || !head.layout) return undefined;
  return sameValues(table.tensor, weight, head.layout === 'in-out');
}
