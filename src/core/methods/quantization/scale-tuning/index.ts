export { scaleTuning as method } from './scale-tuning.ts';
