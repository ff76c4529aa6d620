import { formatBytes, formatRatio } from '../../../format/format.ts';
import { withoutName } from '../../../format/without-name.ts';
import { size as t } from '../../../strings/en-size.ts';
import { en } from '../../../strings/en.ts';
import type { SizeGroup, SizePart } from './size-groups.ts';

export function groupName({ block, purpose }: SizeGroup, bothStacks: boolean): string {
  if (block !== undefined) {
    return bothStacks ? t.stackBlock(block.stack, block.index) : t.block(block.index);
  }
  return t.groups[purpose ?? 'rest'];
}

/** Blocks of two stacks have to be told apart. */
export function hasBothStacks(groups: readonly SizeGroup[]): boolean {
  return new Set(groups.flatMap(({ block }) => block?.stack ?? [])).size > 1;
}

/** What stands in a rectangle: what the part is for, or its name where that says nothing. */
export function partLabel(part: SizePart, short: ReadonlyMap<string, string>): string {
  if (part.kind === 'graph') return t.graph;
  if (part.kind === 'small') return t.small(part.count ?? 0);
  const { role } = part;
  return role === undefined || role === 'other' || role === 'projection'
    ? (short.get(part.id) ?? part.id)
    : en.roles[role];
}

export function partTitle(part: SizePart): string {
  return part.kind === 'layer' || part.kind === 'tensor' ? part.id : partLabel(part, new Map());
}

export function shapeText(shape: readonly number[] | undefined): string {
  return shape === undefined || shape.length === 0 ? '–' : shape.join('×');
}

export function shareText(bytes: number, whole: number): string {
  const percent = whole > 0 ? (100 * bytes) / whole : 0;
  return `${percent >= 9.95 ? percent.toFixed(0) : percent.toFixed(1)} %`;
}

/** What becomes of a part, in words; nothing without a forecast. */
export function afterText(part: SizePart, group: SizeGroup, forecast: boolean): string | undefined {
  if (!forecast) return undefined;
  if (part.after === undefined) return group.after === undefined ? undefined : t.restAfter;
  if (part.after !== part.before) {
    return t.after(formatBytes(part.after), formatRatio(part.before, part.after));
  }
  return part.reason === undefined ? t.same : `${t.same}: ${withoutName(part.reason, part.id)}`;
}

/** A part in one sentence, for screen readers. */
export function spokenPart(part: SizePart, group: SizeGroup, whole: number): string {
  const after = afterText(part, group, part.after !== undefined);
  return [
    partTitle(part),
    ...(part.role === undefined ? [] : [en.roles[part.role]]),
    `${formatBytes(part.before)}, ${t.of(shareText(part.before, whole))}`,
    ...(after === undefined ? [] : [after]),
  ].join(', ');
}
