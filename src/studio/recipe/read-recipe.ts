import '../zod-without-eval.ts';

export { parseRecipe as readRecipe } from '../../core/recipe/schema.ts';
