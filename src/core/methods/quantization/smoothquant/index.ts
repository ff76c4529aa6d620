export { smoothQuant as method } from './smoothquant.ts';
