export { alps as method } from './alps.ts';
