// Everything exported here is a kernel; load.ts lists their signatures for TypeScript.
export { encodeRows, findGrids, quantizeBlocks4 } from './rtn';
export { clipErrors } from './clip';
export { searchScales } from './search';
export { packBits, unpackBits } from './pack';
export { gemm } from './gemm';
export { gemmDouble, symvUpper } from './double';
export { choleskyBlock, invertUpper, solveRows } from './factor';
export { dequantize, gatherStrips, scatterCodes, stripProduct, stripRows, sweepStrips } from './sweep';
export { sparsifyStrips } from './sparsify';
export { moveGradient } from './descend';
export { compareRows, normaliseRows } from './logits';
export { heatRow, previewCounts, previewDense, previewUniform } from './preview';

/** First byte that is free for the caller. */
export const heapBase: usize = __heap_base;
