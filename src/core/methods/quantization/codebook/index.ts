export { codebook as method } from './codebook.ts';
