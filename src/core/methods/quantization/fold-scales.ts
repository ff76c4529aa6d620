import { recognise } from '../../anatomy/recognise.ts';
import type { Layer } from '../../anatomy/types.ts';
import { throwIfCancelled } from '../../errors/lathe-error.ts';
import { applyFolds, fillFolds, findFolds, type Fold } from '../../folds/index.ts';
import { looksAtInputs } from '../../statistics/look.ts';
import type {
  FillWork,
  Ground,
  MethodMeta,
  PlanContext,
  PlannedLine,
  Skipped,
  StepPlan,
} from '../contract.ts';
import { floatPlace, isRefusal } from '../site.ts';
import { storedBytes } from '../stored-bytes.ts';
import { foldSentence } from './fold-sentence.ts';
import { scalesOf, type ScaledChannels } from './scaled-channels.ts';

export interface Folding<Options> {
  readonly ground: Ground;
  readonly targets: readonly Layer[];
  readonly options: Options;
  readonly context: PlanContext;
}

/** Scales alone: weights stay plain numbers, W·diag(s), what stands before gives x / s, and the model computes the same. */
export function planFolding<Options>(
  meta: MethodMeta,
  own: ScaledChannels<Options>,
  { ground, targets, options }: Folding<Options>,
): Promise<StepPlan> {
  const { model, anatomy } = ground;
  const folds = findFolds(model, anatomy.layers, targets);
  const read = new Set(folds.flatMap(({ readers }) => readers.map(({ output }) => output)));
  const skipped = targets
    .filter(({ output }) => !read.has(output))
    .map((layer) => notScaled(meta, layer, ground));
  if (folds.length === 0) return Promise.resolve({ model, lines: [], skipped, work: [] });
  const folded = applyFolds(model, folds, new Set());
  const after = recognise(folded.model);
  const work: FillWork = {
    kind: 'fill',
    look: looksAtInputs(
      folds.map(({ readers: [first] }) => first),
      own.take,
    ),
    fill: async (now, seen, context) => {
      const scales: Float64Array[] = [];
      for (const fold of folds) {
        throwIfCancelled(context.signal);
        const read = { readers: fold.readers, seenReader: fold.readers[0], seen };
        scales.push(await scalesOf(own, options, fold, read, now.model, context));
        context.progress?.(scales.length / (folds.length + 1));
      }
      return fillFolds(folded, now.model, scales, context.signal);
    },
  };
  return Promise.resolve({
    ...{ model: folded.model, anatomy: after, skipped, work: [work] },
    lines: linesOf(ground, { ...ground, model: folded.model, anatomy: after }, folds),
    warnings: [foldSentence(folds)],
  });
}

function linesOf(before: Ground, after: Ground, folds: readonly Fold[]): PlannedLine[] {
  const [was, is] = [before, after].map(({ model, anatomy }) => storedBytes(model, anatomy.layers));
  const touched = folds.flatMap(({ readers, rows }) => [
    ...readers,
    ...rows.map(({ layer }) => layer),
  ]);
  return [...new Map(touched.map((layer) => [layer.output, layer])).values()].map((layer) => {
    const { output } = layer;
    return { layer, bytesBefore: was.get(output) ?? 0, bytesAfter: is.get(output) ?? 0 };
  });
}

function notScaled(meta: MethodMeta, layer: Layer, { model }: Ground): Skipped {
  const { name, op } = layer;
  const place = floatPlace(model, layer);
  if (isRefusal(place)) return { name, reason: place.refused };
  return {
    name,
    reason: `${meta.title} scales the inputs of products, and "${name}" is a ${op} whose channels cannot be multiplied one by one, so it was left as it is.`,
  };
}
