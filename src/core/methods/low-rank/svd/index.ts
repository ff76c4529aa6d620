export { svd as method } from './svd.ts';
