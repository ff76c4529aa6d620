export { shareKv as method } from './share-kv.ts';
