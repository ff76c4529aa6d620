import '../zod-without-eval.ts';

export { findSample, parseSampleIndex } from '../../core/data/samples.ts';
