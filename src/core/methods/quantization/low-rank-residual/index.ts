export { lowRankResidual as method } from './low-rank-residual.ts';
