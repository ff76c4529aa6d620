export { ffnNeurons as method } from './ffn-neurons.ts';
