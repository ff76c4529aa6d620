import { streamValues } from '../../core/ablation/block-ablations.ts';
import type { Block } from '../../core/anatomy/types.ts';
import type { Look } from '../../core/statistics/look.ts';
import type { PairTake } from '../../core/statistics/take.ts';
import type { AblationHost } from '../ablations.ts';
import { lookProvider } from '../compress/look-provider.ts';
import type { StageHooks } from '../compress/types.ts';
import { calibrationOn, DEFAULT_CALIBRATION } from '../data/calibration.ts';
import type { OpenModel } from '../model/open.ts';
import type { StructureData } from './calibration.ts';

/** How far the residual stream turns on its way through a stack of blocks. */
export interface BlockDistances {
  readonly stack: Block['stack'];
  /** `Block.index` of the blocks, in order. */
  readonly blocks: readonly number[];
  /**
   * Mean cosine of the stream at place i and at place j, i, j = 0 … blocks.length: place 0 is the first block's input, place
   * k behind the k-th block. 1 − cosines[k][k + 1] is the influence of a block (ShortGPT), 1 − cosines[i][j] what
   * leaving the blocks between out would turn.
   */
  readonly cosines: readonly (readonly number[])[];
}

/**
 * The cosines between all places of the residual stream of each stack, over the rows of the calibration data. Stacks of
 * which a block's ends were not recognised are left out.
 */
export async function blockDistances(
  host: AblationHost,
  open: OpenModel,
  { dataset, amount = DEFAULT_CALIBRATION, seed = 0 }: StructureData,
  hooks: StageHooks,
): Promise<readonly BlockDistances[]> {
  const stacks = stacksOf(open);
  const calibration = await calibrationOn(host.runtime, open, dataset, amount, seed);
  const device = { device: host.device ?? 'wasm' } as const;
  const provider = lookProvider(host.runtime, calibration, host.statistics, device);
  const looks = stacks.flatMap(({ places }) => looksAt(places));
  const seen = await provider.collect(open.model, looks, hooks);
  return stacks.map(({ stack, blocks, places }) => ({
    ...{ stack, blocks },
    cosines: places.map((one, i) =>
      places.map((other, j) => {
        if (i === j) return 1;
        const [from, to] = i < j ? [one, other] : [other, one];
        return seen.at({ value: from }, cosineWith(to))?.mean ?? 1;
      }),
    ),
  }));
}

interface Stack {
  readonly stack: Block['stack'];
  readonly blocks: readonly number[];
  /** Values of the residual stream, one more than blocks. */
  readonly places: readonly string[];
}

function stacksOf({ anatomy, model }: OpenModel): readonly Stack[] {
  const streamAt = streamValues(anatomy, model);
  return (['encoder', 'decoder'] as const).flatMap((stack) => {
    const blocks = anatomy.blocks.filter((block) => block.stack === stack);
    if (blocks.length === 0 || blocks.some(({ input, output }) => !input || !output)) return [];
    const values = [blocks[0].input, ...blocks.map(({ output }) => output)];
    return [{ stack, blocks: blocks.map(({ index }) => index), places: values.map(streamAt) }];
  });
}

function looksAt(places: readonly string[]): readonly Look[] {
  return places.slice(0, -1).map((value, i) => ({
    value,
    take: [...new Set(places.slice(i + 1))].map(cosineWith),
  }));
}

function cosineWith(value: string): PairTake & { readonly kind: 'cosine with' } {
  return { kind: 'cosine with', other: { value } };
}
