export { deduplicate as method } from './deduplicate.ts';
