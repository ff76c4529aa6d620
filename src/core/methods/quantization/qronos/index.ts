export { qronos as method } from './qronos.ts';
