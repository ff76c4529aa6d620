export { sparseOutliers as method } from './sparse-outliers.ts';
