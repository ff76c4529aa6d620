export { wanda as method } from './wanda.ts';
