import type { Anatomy, Block } from '../../../anatomy/types.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import type { Graph } from '../../../onnx/types.ts';
import type { BlockPair, BlockPlace, ValuePair } from '../../../training/objective.ts';
import { oneStack } from './shallow.ts';

/** A model with what was recognised in it. */
export interface Recognised {
  readonly graph: Graph;
  readonly anatomy: Anatomy;
}

/**
 * Each of the student's blocks beside the teacher's block it stands for: `kept[i]` is the number of the
 * teacher's block for the student's i-th. Throws `no-blocks`, `blocks-differ`.
 */
export function blockPairs(
  student: Recognised,
  teacher: Recognised,
  kept: readonly number[],
): BlockPair[] {
  const own = placesOf(student);
  const guides = placesOf(teacher);
  if (own.length === kept.length && kept.every((index) => index in guides)) {
    return kept.map((index, at) => ({ student: own[at], teacher: guides[index] }));
  }
  throw new LatheError(
    'blocks-differ',
    `The student has ${own.length} blocks, and ${kept.length} were to stand for blocks of the teacher, which has ${guides.length}; set the weights of the hidden states, the attention maps and the relations to 0.`,
    { student: own.length, teacher: guides.length },
  );
}

/** Blocks that the graph still computes, in order. */
function placesOf({ graph, anatomy }: Recognised): BlockPlace[] {
  const made = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  const blocks = oneStack(anatomy);
  const stream = [...new Set(blocks.flatMap(({ input, output }) => [input, output]))];
  const place = ({ output }: Block, index: number) => ({ index, output, stream });
  return blocks.filter(({ output }) => made.has(output)).map(place);
}

/** The blocks' outputs, pair by pair. */
export function outputPairs(pairs: readonly BlockPair[]): ValuePair[] {
  return pairs.map(({ student, teacher }) => ({
    student: student.output,
    teacher: teacher.output,
  }));
}
