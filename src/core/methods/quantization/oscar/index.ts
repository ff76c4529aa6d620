export { oscar as method } from './oscar.ts';
