export { shareBasis as method } from './share-basis.ts';
