export { factorEmbedding as method } from './factor-embedding.ts';
