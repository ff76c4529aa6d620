export { dynamicInt8 as method } from './dynamic-int8.ts';
