import type { Block } from '../../../../core/anatomy/types.ts';
import { structure as t } from '../../../strings/en-structure.ts';

/** "Block 3", with its stack where a number alone does not name it. */
export function blockName(
  { index, stack }: Pick<Block, 'index' | 'stack'>,
  named: boolean,
): string {
  return named ? t.stackBlock(stack, index) : t.block(index);
}
