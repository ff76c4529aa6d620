export { binaryCoded as method } from './binary-coded.ts';
