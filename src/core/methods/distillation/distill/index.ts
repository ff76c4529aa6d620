export { distill as method } from './distill.ts';
