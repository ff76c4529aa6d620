export { outlierSplit as method } from './outlier-split.ts';
