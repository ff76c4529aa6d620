export { ternary as method } from './ternary.ts';
