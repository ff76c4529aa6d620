export { shareBlocks as method } from './share-blocks.ts';
