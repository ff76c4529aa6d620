export { lowBitFloat as method } from './low-bit-float.ts';
