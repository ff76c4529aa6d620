export { mhaToGqa as method } from './mha-to-gqa.ts';
