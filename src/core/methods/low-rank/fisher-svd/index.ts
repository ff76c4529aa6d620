export { fisherSvd as method } from './fisher-svd.ts';
