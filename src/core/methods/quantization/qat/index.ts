export { qat as method } from './qat.ts';
