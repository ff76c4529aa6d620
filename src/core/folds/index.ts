export { applyFolds, type FoldedModel } from './apply-folds.ts';
export {
  fillFolds,
  scaledWeight,
  tieScales,
  unscaledWeight,
  weightFactors,
  type Scales,
  type WeightFactors,
} from './fill-folds.ts';
export { findFolds } from './find-folds.ts';
export type { Fold, FoldTaker } from './types.ts';
