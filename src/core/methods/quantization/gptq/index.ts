export { gptq as method } from './gptq.ts';
