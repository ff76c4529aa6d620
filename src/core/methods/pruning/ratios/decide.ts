import type { Layer } from '../../../anatomy/types.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import { keptOnly } from '../../../kernels/rank-select.ts';
import { pruneWanda } from '../../../kernels/select.ts';
import { outputErrors } from '../../../metrics/weight-error.ts';
import { looksAtInputs } from '../../../statistics/look.ts';
import type { Seen } from '../../../statistics/seen.ts';
import type { SingleTake } from '../../../statistics/take.ts';
import type { MethodMeta, Oracle } from '../../contract.ts';
import { requireSeen } from '../../require-seen.ts';
import { BAND, OUTLIERS, type RatioOptions } from '../pruning-options.ts';
import { groupsOf, type Group } from './groups.ts';
import { OutlierRatio, owlSparsities } from './owl.ts';
import { sensitivitySparsities, triedSparsities, type Sensitivity } from './sensitivity.ts';

/** Bytes of second moments that are held at once. */
const AT_ONCE = 2 ** 28;

/** Whether data still decides how much each layer loses. */
export function ratiosAreOpen(options: RatioOptions): boolean {
  const { ratios, pattern, sparsityPerLayer } = options;
  return ratios !== undefined && pattern === 'unstructured' && sparsityPerLayer === undefined;
}

/**
 * Sparsity of each layer, by what calibration shows of the ground: OWL's outliers, or what pruning by |w|·‖x‖ does to
 * each layer's output. The share of all weights together is kept. Layers not named keep the common sparsity.
 * Throws `calibration-missing`, `statistics-missing`.
 */
export async function decideRatios<O extends RatioOptions>(
  meta: MethodMeta,
  layers: readonly Layer[],
  options: O,
  ask: Oracle<O>,
): Promise<O | undefined> {
  if (!ratiosAreOpen(options)) return undefined;
  const { ratios, sparsity, band = BAND, outliers = OUTLIERS } = options;
  const groups = groupsOf(layers, ratios === 'owl' ? 'block' : 'layer');
  const found =
    ratios === 'owl'
      ? owlSparsities(await outlierRatios(meta, groups, outliers, ask), {
          ...{ sparsity, band },
          sizes: groups.map(({ size }) => size),
        })
      : await bySensitivity(meta, groups, { sparsity, band }, ask);
  const pairs = groups.flatMap((group, i) =>
    group.layers.map(({ name }) => [name, rounded(found[i])] as const),
  );
  return { ...options, sparsityPerLayer: Object.fromEntries(pairs) };
}

/** Six digits are as fine as any layer's count. */
function rounded(sparsity: number): number {
  return Math.round(sparsity * 1e6) / 1e6;
}

async function outlierRatios(
  meta: MethodMeta,
  groups: readonly Group[],
  m: number,
  ask: Oracle<never>,
): Promise<readonly number[]> {
  const judged = groups.flatMap((group) => group.judged);
  const seen = await ask.seen(looksAtInputs(judged, ['norms']));
  const ratios: number[] = [];
  for (const group of groups) {
    throwIfCancelled(ask.signal);
    const ratio = new OutlierRatio(m);
    for (const pass of ['mean', 'count'] as const)
      for (const layer of group.judged) {
        const weight = await ask.weight(layer);
        ratio[pass](weight.values, requireSeen(seen, 'norms', weight, meta).values);
      }
    ratios.push(ratio.ratio);
    ask.progress(ratios.length / groups.length);
  }
  return ratios;
}

async function bySensitivity(
  meta: MethodMeta,
  groups: readonly Group[],
  { sparsity, band }: { readonly sparsity: number; readonly band: number },
  ask: Oracle<never>,
): Promise<readonly number[]> {
  const tried = triedSparsities(sparsity, band);
  const found: Sensitivity[] = [];
  for (const some of portions(groups)) {
    const takes: SingleTake[] = ['moments', 'norms'];
    const seen = await ask.seen(
      looksAtInputs(
        some.flatMap(({ judged }) => judged),
        takes,
      ),
    );
    for (const group of some) {
      throwIfCancelled(ask.signal);
      found.push({ size: group.size, errors: await errorsOf(meta, group, tried, seen, ask) });
      ask.progress(found.length / groups.length);
    }
  }
  return sensitivitySparsities(found, tried, sparsity);
}

async function errorsOf(
  meta: MethodMeta,
  { judged }: Group,
  tried: readonly number[],
  seen: Seen,
  ask: Oracle<never>,
): Promise<readonly number[]> {
  const sums = tried.map(() => 0);
  for (const layer of judged) {
    const weight = await ask.weight(layer);
    const { outFeatures, inFeatures } = layer;
    const { values: norms } = requireSeen(seen, 'norms', weight, meta);
    const { values: moments } = requireSeen(seen, 'moments', weight, meta);
    const errorOf = outputErrors(weight.values, moments, inFeatures);
    tried.forEach((sparsity, at) => {
      const keep = pruneWanda(weight.values, outFeatures, inFeatures, norms, sparsity);
      sums[at] += errorOf(keptOnly(weight.values, keep));
    });
  }
  return sums;
}

/** Groups whose second moments may be held together. */
function portions(groups: readonly Group[]): readonly (readonly Group[])[] {
  const made: Group[][] = [];
  let held = Infinity;
  for (const group of groups) {
    const bytes = group.judged.reduce((sum, { inFeatures }) => sum + 4 * inFeatures ** 2, 0);
    if (held + bytes > AT_ONCE) {
      made.push([]);
      held = 0;
    }
    made[made.length - 1].push(group);
    held += bytes;
  }
  return made;
}
