export { heal as method } from './heal.ts';
