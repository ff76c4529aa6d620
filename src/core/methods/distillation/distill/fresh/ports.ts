import { LatheError } from '../../../../errors/lathe-error.ts';
import { editGraph } from '../../../../onnx/graph/edit.ts';
import { makeNode, makeTensor } from '../../../../onnx/graph/make.ts';
import type { Graph, Model, ValueInfo } from '../../../../onnx/types.ts';
import { DataType } from '../../../../tensor/data-type.ts';

/** Inputs of a model by what they are for. */
export interface Ports {
  /** What is read: tokens or pixels. */
  readonly data: ValueInfo;
  readonly mask?: ValueInfo;
  readonly positions?: ValueInfo;
  readonly scores: ValueInfo;
}

const MASK = /^attention_mask$/;
const POSITIONS = /^position_ids$|^positions$/;
/** Inputs a student of the same layout can do without. */
const IGNORED = /^(token_type|segment)_ids$/;

/**
 * What a model reads and delivers, `data` being its first input's name. Throws `fresh-input`,
 * `fresh-output` for what a fresh student has no use for.
 */
export function portsOf(graph: Graph, data: string): Ports {
  const stored = new Set(graph.initializers.map(({ name }) => name));
  const inputs = graph.inputs.filter(({ name }) => !stored.has(name));
  const own = inputs.find(({ name }) => name === data);
  const known = (name: string) =>
    name === data || [MASK, POSITIONS, IGNORED].some((pattern) => pattern.test(name));
  const odd = inputs.find(({ name }) => !known(name));
  if (own === undefined || odd !== undefined) throw unknownInput(odd?.name ?? data);
  const [scores, ...more] = graph.outputs;
  if (more.length > 0) throw furtherOutput(more[0].name);
  if (scores.type?.dataType !== DataType.float32) throw furtherOutput(scores.name);
  return {
    data: own,
    scores,
    mask: inputs.find(({ name }) => MASK.test(name)),
    positions: inputs.find(({ name }) => POSITIONS.test(name)),
  };
}

/**
 * The student with its teacher's inputs and outputs: same names, types and order, so that whatever fed and
 * read the teacher works on it. `data` and `scores` are the student's own names. An attention mask that
 * the teacher does not take is all ones.
 */
export function withPortsOf(
  teacher: Graph,
  ports: Ports,
  student: Model,
  own: { readonly data: string; readonly scores: string },
): Model {
  const edit = editGraph(student.graph);
  const rename = (from: string, to: string | undefined): void => {
    if (to !== undefined && from !== to) edit.renameValue(from, to);
  };
  const takes = new Set(student.graph.inputs.map(({ name }) => name));
  if (takes.has('attention_mask') && ports.mask === undefined) {
    const shape = edit.freshName('attention_shape');
    const ones = edit.freshName('attention_ones');
    const one = makeTensor('', [1], BigInt64Array.of(1n));
    edit.addNodes(
      makeNode('Shape', [own.data], [shape], {}, '', shape),
      makeNode('ConstantOfShape', [shape], [ones], { value: one }, '', ones),
    );
    edit.replaceUses('attention_mask', ones);
  }
  rename(own.data, ports.data.name);
  rename('position_ids', ports.positions?.name);
  rename(own.scores, ports.scores.name);
  const stored = new Set(teacher.initializers.map(({ name }) => name));
  const inputs = teacher.inputs.filter(({ name }) => !stored.has(name));
  return { ...student, graph: { ...edit.finish(), inputs, outputs: [ports.scores] } };
}

function unknownInput(name: string): LatheError {
  return new LatheError(
    'fresh-input',
    `The model takes "${name}", which a fresh student would not know how to use; export the model without it (and without a cache), or use a shallow student.`,
    { name },
  );
}

function furtherOutput(name: string): LatheError {
  return new LatheError(
    'fresh-output',
    `A fresh student delivers float32 scores and nothing else, and this model also delivers "${name}"; export the model without it, or use a shallow student.`,
    { name },
  );
}
