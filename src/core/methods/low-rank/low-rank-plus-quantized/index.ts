export { lowRankPlusQuantized as method } from './low-rank-plus-quantized.ts';
