export { attentionHeads as method } from './attention-heads.ts';
