export { blocks as method } from './blocks.ts';
