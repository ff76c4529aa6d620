/** What a compressed weight is (`types.ts`), and how it gets into a graph and out again. */
export { fillCodes } from './coded/fill.ts';
export { E2M1, E8M0, fixedTable, FP4, NF4, SIGNS } from './coded/tables.ts';
export { isPlain as isPlainNumbers } from './coded/tensors.ts';
export { codedRows, gridPositions, turnedWeights } from './coded/group.ts';
export { decodeWeight, didOf, groupOf } from './decode.ts';
export { opsetOf } from './nest.ts';
export { isPassing, placeOf, standardOpset, type Place } from './place.ts';
export { requireKind } from './problems.ts';
export { describeStored } from './stored/describe.ts';
export { storedWeightOf, storedWeights } from './stored/find.ts';
export { bytesOfTensors } from './stored/numbers.ts';
export { readAsPlanned } from './stored/as-planned.ts';
export { decodedValues, decodeStored, openStored } from './stored/open.ts';
export type { StoredWeight } from './stored/types.ts';
export { storageUnits } from './units.ts';
export { fillingsOf, writeEncodings, type Slot, type Written } from './write.ts';
export type * from './types.ts';
