export { dequantize as method } from './dequantize.ts';
