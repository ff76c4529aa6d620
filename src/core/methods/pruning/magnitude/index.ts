export { magnitude as method } from './magnitude.ts';
