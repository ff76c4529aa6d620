import type { BlockChoice, BlockWords } from '../../block-choice.ts';
import { keptBlocks, type MappingOptions } from './mapping.ts';

/** How a student's blocks are chosen among its teacher's; clicking makes a list of one's own. */
export const blockChoice: BlockChoice<MappingOptions> = {
  chosen: (options, depth) => keptBlocks(depth, options),
  // A shallow student has fewer blocks than its teacher.
  most: ({ student }, depth) => (student === 'fresh' ? depth : depth - 1),
  choose: (blocks) => ({ keep: 'custom', blocks: blocks.join(', ') }),
  words: ({ student }) => (student === 'fresh' ? FRESH : SHALLOW),
};

const SIDES = { from: 'Teacher', to: 'Student' };

const SHALLOW: BlockWords = {
  ...SIDES,
  help: 'Click a block of the teacher to keep it or to leave it out.',
  legend: (kept, all) => `${kept} of ${all} blocks stay`,
  block: (block) => `Keep block ${block}`,
};

const FRESH: BlockWords = {
  ...SIDES,
  help: 'Click a block of the teacher to give it a new block that stands for it, or none.',
  legend: (kept, all) => `${kept} new for ${all} blocks`,
  block: (block) => `A new block for block ${block}`,
};
