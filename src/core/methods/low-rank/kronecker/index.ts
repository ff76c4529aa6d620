export { kronecker as method } from './kronecker.ts';
