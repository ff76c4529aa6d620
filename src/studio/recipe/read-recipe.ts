/** What of the recipe code brings the schemas along; loaded when it is first needed. */
import '../zod-without-eval.ts';

export { exportPath } from '../../core/recipe/part-name.ts';
export { exportFileName } from '../../core/recipe/file-name.ts';
export { parseRecipe as readRecipe } from '../../core/recipe/schema.ts';
