import '../zod-without-eval.ts';

export { readShipped } from '../../core/report/shipped.ts';
