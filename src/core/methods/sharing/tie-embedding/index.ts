export { tieEmbedding as method } from './tie-embedding.ts';
