export { anyPrecision as method } from './any-precision.ts';
