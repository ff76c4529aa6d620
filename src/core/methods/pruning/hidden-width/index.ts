export { hiddenWidth as method } from './hidden-width.ts';
