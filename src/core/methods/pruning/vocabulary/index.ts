export { vocabulary as method } from './vocabulary.ts';
