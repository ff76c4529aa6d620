export { fineTune as method } from './fine-tune.ts';
