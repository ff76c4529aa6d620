export { sparsegpt as method } from './sparsegpt.ts';
