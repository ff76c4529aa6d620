import type { BlockPicture, Preview } from '../../../../../workers/protocol.ts';
import { grouped } from '../../../format/format.ts';
import { enWeights as t } from '../../../strings/en-weights.ts';
import { nearestCount } from './block-layout.ts';
import { numberText } from './number-text.ts';

/** What the picture of a block shows, in sentences. */
export function blockWords(preview: Preview): string[] {
  const { block, after } = preview;
  if (block.grid === undefined) return withoutGrid(block, after?.did);
  const effect = block.after && t.toNearest(nearestCount(block), block.before.length);
  return [whose(preview), ...gridWords(block.grid), ...(effect === undefined ? [] : [effect])];
}

function whose({ block, rows, columns }: Preview): string {
  const { from, end } = block.columns;
  const { row, columns: seen } = block.drawn;
  const shared = t.scaleShared;
  const many = seen.end - seen.from < end - from || block.rows.end - block.rows.from > 1;
  const drawn = many ? ` ${t.drawn(row, seen.from, seen.end - 1)}` : '';
  if (block.rows.end - block.rows.from > 1) return shared.layer(grouped(rows * columns)) + drawn;
  if (end - from === columns) return shared.row(row, columns) + drawn;
  return shared.block(row, from, end - 1, end - from) + drawn;
}

function gridWords({ bits, scale, zero, levels }: NonNullable<BlockPicture['grid']>): string[] {
  if (scale === 0) return [t.oneValue];
  const step = numberText(Math.abs(scale));
  const turned = scale < 0 ? [t.turned(numberText(scale))] : [];
  if (zero === undefined) return [t.uneven(bits, levels.length, step), ...turned];
  return [
    t.even(bits, levels.length, step),
    ...turned,
    Number.isInteger(zero) ? t.zeroCode(String(zero)) : t.zeroBetween(numberText(zero)),
  ];
}

function withoutGrid({ before, after, drawn }: BlockPicture, did: string | undefined): string[] {
  const where = t.neighbours(drawn.row, drawn.columns.from, drawn.columns.end - 1);
  if (after === undefined || did === undefined) return [where, t.nothing];
  const changes = before.map((value, i) => Math.abs(after[i] - value));
  const cleared = [...after].filter((value, i) => value === 0 && before[i] !== 0).length;
  const rest = changes.filter((_, i) => after[i] !== 0);
  const largest = rest.reduce((most, change) => Math.max(most, change), 0);
  if (cleared === 0 && largest === 0) return [where, t.noGrid(did), t.unchanged];
  return [
    ...[where, t.noGrid(did)],
    ...(cleared > 0 ? [t.cleared(cleared, before.length)] : []),
    largest > 0 ? t.othersRounded(numberText(largest)) : t.othersKeep,
  ];
}
