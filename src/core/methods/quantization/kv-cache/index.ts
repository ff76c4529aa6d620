export { kvCache as method } from './kv-cache.ts';
