export { awq as method } from './awq.ts';
