export { roundToNearest as method } from './round-to-nearest.ts';
