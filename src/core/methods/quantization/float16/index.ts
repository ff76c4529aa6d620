export { float16 as method } from './float16.ts';
