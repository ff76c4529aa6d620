import { mapSubgraphs } from '../onnx/graph/attributes.ts';
import type { Graph, Model, Node, OperatorSet } from '../onnx/types.ts';

const PREFIX = 'teacher/';

/** Name of a teacher's value inside the joint graph. */
export function teacherValue(name: string): string {
  return PREFIX + name;
}

/**
 * Student and teacher in one graph that reads one set of inputs: the teacher's values begin with
 * `teacher/`, inputs of the same name are shared, and what only the teacher reads becomes an input too.
 * The outputs are the student's.
 */
export function withTeacher(student: Model, teacher: Model): Model {
  const shared = new Set(teacher.graph.inputs.map(({ name }) => name));
  const rename = (name: string): string =>
    name === '' || shared.has(name) ? name : teacherValue(name);
  const own = new Set(student.graph.inputs.map(({ name }) => name));
  const { graph } = teacher;
  const joint: Graph = {
    ...student.graph,
    nodes: [...student.graph.nodes, ...graph.nodes.map((node) => renamedNode(node, rename))],
    initializers: [
      ...student.graph.initializers,
      ...graph.initializers.map((tensor) => ({ ...tensor, name: rename(tensor.name) })),
    ],
    inputs: [...student.graph.inputs, ...graph.inputs.filter(({ name }) => !own.has(name))],
    valueInfo: [],
  };
  return { ...student, graph: joint, opsets: joined(student.opsets, teacher.opsets) };
}

function renamedNode(node: Node, rename: (name: string) => string): Node {
  const renamed = {
    ...node,
    name: node.name && PREFIX + node.name,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
  };
  return mapSubgraphs(renamed, (body) => ({
    ...body,
    nodes: body.nodes.map((inner) => renamedNode(inner, rename)),
  }));
}

function joined(a: readonly OperatorSet[], b: readonly OperatorSet[]): OperatorSet[] {
  const versions = new Map(a.map(({ domain, version }) => [domain, version]));
  for (const { domain, version } of b) {
    versions.set(domain, Math.max(version, versions.get(domain) ?? 0));
  }
  return [...versions].map(([domain, version]) => ({ domain, version }));
}
