export { lora as method } from './lora.ts';
