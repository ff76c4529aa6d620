export { greedyBlocks as method } from './greedy-blocks.ts';
