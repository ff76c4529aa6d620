export { powerOfTwo as method } from './power-of-two.ts';
