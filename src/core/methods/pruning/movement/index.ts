export { movement as method } from './movement.ts';
