import type { Block, Layer, Role, RoleGroup } from '../../../../core/anatomy/types.ts';
import type { Forecast, Glance, TensorView } from '../../../../../workers/protocol.ts';

/** What a part of the file is for: decides its colour, and the totals of the legend. */
export type Purpose = RoleGroup | 'rest';

/** One rectangle: a layer, a tensor of no layer, or what is left of the file. */
export interface SizePart {
  /** Unique in the model. */
  readonly id: string;
  readonly kind: 'layer' | 'tensor' | 'small' | 'graph';
  readonly purpose: Purpose;
  readonly role?: Role;
  readonly shape?: readonly number[];
  readonly dataType?: string;
  readonly before: number;
  /** Known of layers, and of what no step touches. */
  readonly after?: number;
  /** Why it stays as it is. */
  readonly reason?: string;
  /** How many tensors a part of small ones holds. */
  readonly count?: number;
}

/** A block, or what stands around the blocks. */
export interface SizeGroup {
  readonly id: string;
  readonly block?: Pick<Block, 'index' | 'stack'>;
  readonly purpose?: Purpose;
  readonly parts: readonly SizePart[];
  readonly before: number;
  readonly after?: number;
}

type Planned = ReadonlyMap<string, Forecast['layers'][number]>;

/** A tensor of no layer has a rectangle of its own from this share of the file on. */
const OWN_SHARE = 0.004;

/**
 * Every byte of the file once, by block and part: what layers take, tensors of no layer, and the graph around
 * them. With a forecast, what each of them will take: exact for layers and for the rest as a whole.
 */
export function sizeGroups(model: Glance, forecast?: Forecast): SizeGroup[] {
  // A recipe that cannot be planned says nothing about sizes.
  const known = forecast !== undefined && forecast.layers.length > 0 ? forecast : undefined;
  const planned: Planned = new Map(known?.layers.map((layer) => [layer.name, layer]));
  const groups = layerGroups(model, planned);
  const rest = restOf(model, groups, known);
  return [...groups, ...(rest.parts.length > 0 ? [rest] : [])];
}

function layerGroups(model: Glance, planned: Planned): SizeGroup[] {
  const { layers, blocks } = model.anatomy;
  const types = typesOf(model);
  const found = new Map<string, SizePart[]>();
  layers.forEach((layer, at) => {
    const before = planned.get(layer.name)?.bytesBefore ?? model.layerBytes[at] ?? 0;
    // A weight that several layers share is drawn once, with the first.
    if (before === 0) return;
    const key = groupKey(layer);
    const part = layerPart(layer, before, planned.get(layer.name), types[at]);
    found.set(key, [...(found.get(key) ?? []), part]);
  });
  return [...found].map(([id, parts]) => ({
    id,
    ...placeOf(id, parts, blocks),
    parts,
    ...totals(parts),
  }));
}

function groupKey({ block, group }: Layer): string {
  return block === undefined ? group : `block ${block}`;
}

function placeOf(id: string, parts: readonly SizePart[], blocks: readonly Block[]) {
  const block = blocks.find(({ index }) => id === `block ${index}`);
  return block === undefined
    ? { purpose: parts[0].purpose }
    : { block: { index: block.index, stack: block.stack } };
}

function layerPart(
  { name, group, role, outFeatures, inFeatures }: Layer,
  before: number,
  plan: Forecast['layers'][number] | undefined,
  dataType: string | undefined,
): SizePart {
  return {
    id: name,
    kind: 'layer',
    purpose: group,
    role,
    shape: [outFeatures, inFeatures],
    dataType,
    before,
    after: plan?.bytesAfter,
    reason: plan?.reason,
  };
}

/** The type of each layer's weight, in the order of layers. */
function typesOf({ tensors, anatomy }: Glance): (string | undefined)[] {
  const byName = new Map(tensors.map(({ name, dataType }) => [name, dataType]));
  return anatomy.layers.map(({ weight, stored }) =>
    stored === undefined ? byName.get(weight) : `${stored.bits}-bit`,
  );
}

function restOf(model: Glance, groups: readonly SizeGroup[], forecast?: Forecast): SizeGroup {
  const loose = model.tensors.filter(({ layer, bytes }) => layer === undefined && bytes > 0);
  const limit = OWN_SHARE * model.bytes;
  const large = loose.filter(({ bytes }) => bytes >= limit);
  const small = loose.filter(({ bytes }) => bytes < limit);
  const kept = new Map(forecast?.skipped.map(({ name, reason }) => [name, reason]));
  const inLayers = sum(groups.map(({ before }) => before));
  const before = Math.max(0, model.bytes - inLayers);
  const graph = before - sum(loose.map(({ bytes }) => bytes));
  const parts: SizePart[] = [
    ...large.map((tensor) => loosePart(tensor, kept.get(tensor.name))),
    ...(small.length > 0 ? [smallPart(small)] : []),
    ...(graph > 0 ? [{ id: 'graph', kind: 'graph', purpose: 'rest', before: graph } as const] : []),
  ];
  const after =
    forecast === undefined
      ? undefined
      : Math.max(0, forecast.bytes - sum(forecast.layers.map(({ bytesAfter }) => bytesAfter)));
  return { id: 'rest', purpose: 'rest', parts, before, after };
}

function loosePart({ name, dims, dataType, bytes }: TensorView, reason?: string): SizePart {
  const part = { id: name, kind: 'tensor', purpose: 'rest', shape: dims, dataType } as const;
  return { ...part, before: bytes, ...(reason !== undefined && { after: bytes, reason }) };
}

function smallPart(tensors: readonly TensorView[]): SizePart {
  const before = sum(tensors.map(({ bytes }) => bytes));
  return { id: 'small', kind: 'small', purpose: 'rest', before, count: tensors.length };
}

type Sizes = Pick<SizePart, 'before' | 'after'>;

function totals(parts: readonly Sizes[]): Sizes {
  const after = parts.every((part) => part.after !== undefined)
    ? sum(parts.map((part) => part.after ?? 0))
    : undefined;
  return { before: sum(parts.map(({ before }) => before)), after };
}

export interface PurposeTotal {
  readonly purpose: Purpose;
  readonly before: number;
  readonly after?: number;
}

/** Bytes by what they are for, over all blocks: the legend. Largest first. */
export function purposeTotals(groups: readonly SizeGroup[]): PurposeTotal[] {
  const found = new Map<Purpose, Sizes[]>();
  for (const group of groups) {
    const sizes = group.purpose === 'rest' ? [{ ...group, purpose: 'rest' as const }] : group.parts;
    for (const { purpose, before, after } of sizes) {
      found.set(purpose, [...(found.get(purpose) ?? []), { before, after }]);
    }
  }
  return [...found]
    .map(([purpose, sizes]) => ({ purpose, ...totals(sizes) }))
    .sort((a, b) => b.before - a.before);
}

/** How much of a part is left, 0…1; a rest whose parts are not told apart shrinks as a whole. */
export function leftOf(part: Pick<SizePart, 'before' | 'after'>, group: SizeGroup): number {
  const { before, after } = part.after === undefined ? group : part;
  return after === undefined || before === 0 ? 1 : Math.min(1, after / before);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
