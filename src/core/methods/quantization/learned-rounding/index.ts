export { learnedRounding as method } from './learned-rounding.ts';
