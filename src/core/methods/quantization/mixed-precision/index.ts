export { mixedPrecision as method } from './mixed-precision.ts';
