export { dsnot as method } from './dsnot.ts';
