export { hqq as method } from './hqq.ts';
