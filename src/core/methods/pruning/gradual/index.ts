export { gradual as method } from './gradual.ts';
