export { newMethod as method } from './new-method.ts';
