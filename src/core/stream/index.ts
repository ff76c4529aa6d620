/** The residual stream of a model: who writes and reads it, and how it is turned, whole or to fewer columns. */
export { fillStream, type Filling } from './fill.ts';
export { postNorm, type Stream, type StreamWords } from './follow.ts';
export { narrowModel, type NarrowModel } from './narrow.ts';
export { turnBy, type Axes, type Turn, type Weighing } from './turn.ts';
