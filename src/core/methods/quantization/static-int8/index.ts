export { staticInt8 as method } from './static-int8.ts';
