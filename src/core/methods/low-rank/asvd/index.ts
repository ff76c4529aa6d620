export { asvd as method } from './asvd.ts';
