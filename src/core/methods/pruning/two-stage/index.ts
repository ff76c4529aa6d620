export { twoStage as method } from './two-stage.ts';
