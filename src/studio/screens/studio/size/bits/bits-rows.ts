import type { Layer } from '../../../../../core/anatomy/types.ts';
import type { Forecast, ModelView } from '../../../../../../workers/protocol.ts';

/** One layer of the map. */
export interface BitsCell {
  readonly layer: Layer;
  /** Of one weight, scales and padding included. */
  readonly bits: number;
  readonly before: number;
  readonly after: number;
  /** What the model loses with this layer alone compressed, where a decision measured it. */
  readonly loss?: number;
}

/** A block, with its layers in the columns that all blocks share; or layers outside of blocks. */
export interface BitsRow {
  readonly id: string;
  readonly block?: Pick<Layer, 'stack'> & { readonly index: number };
  readonly group?: Layer['group'];
  /** By column; undefined where a block has no such part. Outside of blocks one after the other. */
  readonly cells: readonly (BitsCell | undefined)[];
}

/** A part of blocks: the role of a layer, and the how many-eth of that role it is. */
export interface BitsColumn {
  readonly role: Layer['role'];
  readonly nth: number;
}

export interface BitsMap {
  readonly columns: readonly BitsColumn[];
  readonly blocks: readonly BitsRow[];
  readonly others: readonly BitsRow[];
}

/** The layers of a model by block and part, with what the forecast leaves of each. */
export function bitsMap(
  { anatomy, layerBytes }: Pick<ModelView, 'anatomy' | 'layerBytes'>,
  forecast: Pick<Forecast, 'layers'> | undefined,
  losses: ReadonlyMap<string, number>,
): BitsMap {
  const planned = new Map(forecast?.layers.map((line) => [line.name, line]));
  const cells = anatomy.layers.map((layer, at): BitsCell => {
    const line = planned.get(layer.name);
    const before = line?.bytesBefore ?? layerBytes[at] ?? 0;
    const after = line?.bytesAfter ?? before;
    const bits = (after * 8) / (layer.outFeatures * layer.inFeatures);
    const loss = losses.get(layer.name);
    return { layer, bits, before, after, ...(loss !== undefined && { loss }) };
  });
  const inside = cells.filter(({ layer }) => layer.block !== undefined);
  const columns: BitsColumn[] = [];
  return {
    blocks: grouped(inside, ({ block, stack }) => `${stack ?? ''} ${block}`).map((own) =>
      blockRow(own, columns),
    ),
    // Filled while the blocks are laid out.
    columns,
    others: grouped(
      cells.filter(({ layer }) => layer.block === undefined),
      ({ group }) => group,
    ).map((own) => ({ id: own[0].layer.group, group: own[0].layer.group, cells: own })),
  };
}

function grouped(cells: readonly BitsCell[], keyOf: (layer: Layer) => string): BitsCell[][] {
  const found = new Map<string, BitsCell[]>();
  for (const cell of cells) {
    const key = keyOf(cell.layer);
    found.set(key, [...(found.get(key) ?? []), cell]);
  }
  return [...found.values()];
}

/** A block's cells under their columns; new parts get a column behind those that are there. */
function blockRow(own: readonly BitsCell[], columns: BitsColumn[]): BitsRow {
  const seen = new Map<Layer['role'], number>();
  const cells: (BitsCell | undefined)[] = [];
  for (const cell of own) {
    const { role } = cell.layer;
    const nth = seen.get(role) ?? 0;
    seen.set(role, nth + 1);
    let at = columns.findIndex((column) => column.role === role && column.nth === nth);
    if (at < 0) at = columns.push({ role, nth }) - 1;
    cells[at] = cell;
  }
  const { block = 0, stack } = own[0].layer;
  return {
    id: `${stack ?? ''} ${block}`,
    block: { index: block, ...(stack && { stack }) },
    cells: Array.from(cells),
  };
}

/** Bits of one weight on average; a weight that several layers share counts once. */
export function averageBits({ blocks, others }: BitsMap): number {
  const cells = [...blocks, ...others].flatMap(({ cells: own }) => own.filter((cell) => cell));
  let [bytes, weights] = [0, 0];
  for (const cell of cells) {
    if (cell === undefined || cell.after === 0) continue;
    bytes += cell.after;
    weights += cell.layer.outFeatures * cell.layer.inFeatures;
  }
  return weights === 0 ? 0 : (bytes * 8) / weights;
}

/** "4.5", "16", "–" where it takes nothing of its own. */
export function bitsText(bits: number): string {
  if (bits === 0) return '–';
  return bits < 9.95 ? String(Number(bits.toFixed(1))) : String(Math.round(bits));
}

/** How dark a cell is, of 100: by the logarithm, 1 bit the palest and 32 the darkest. */
export function shadeOf(bits: number): number {
  return bits <= 0 ? 0 : Math.min(100, Math.max(0, (Math.log2(bits) / 5) * 100));
}

/** How long the mark of a loss is, of 100: four decades below the largest are told apart. */
export function lossShare(loss: number, largest: number): number {
  if (!(loss > 0) || !(largest > 0)) return 0;
  return Math.max(0, 100 * (1 + Math.log10(loss / largest) / 4));
}
