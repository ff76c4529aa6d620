import { DataType } from '../../../tensor/data-type.ts';
import { graphAttribute, intAttribute, intsAttribute } from '../../graph/attributes.ts';
import type { Dim } from '../dimension.ts';
import { sameDim } from '../dimension.ts';
import type { Rule, RuleContext, ValueType } from '../types.ts';

type Type = ValueType | undefined;

/** What two types have in common; undefined where they differ. */
export function commonType(a: Type, b: Type): Type {
  if (!a || !b) return undefined;
  const dataType = a.dataType === b.dataType ? a.dataType : 0;
  if (!a.dims || a.dims.length !== b.dims?.length) return { dataType };
  const other = b.dims;
  return {
    dataType,
    dims: a.dims.map((dim, at) => (sameDim(dim, other[at]) === true ? dim : undefined)),
  };
}

/** If: the branch taken when the condition is known, else what both have in common. */
const branch: Rule = (c) => {
  const run = (name: string): readonly Type[] => {
    const graph = graphAttribute(c.node, name);
    return graph ? c.body(graph, []) : [];
  };
  const condition = c.known(0)?.elements[0];
  if (condition !== undefined) return run(condition === 0 ? 'else_branch' : 'then_branch');
  const otherwise = run('else_branch');
  return run('then_branch').map((type, at) => commonType(type, otherwise[at]));
};

/**
 * Loop: the carried values keep only what one turn of the body leaves as it was; scan outputs get the
 * trip count in front (unknown: the condition may stop earlier).
 */
const loop: Rule = (c) => {
  const body = graphAttribute(c.node, 'body');
  if (!body) return [];
  const carried = c.node.inputs.slice(2).map((_, index) => c.type(index + 2));
  const run = (state: readonly Type[]): readonly Type[] =>
    c.body(body, [
      { dataType: DataType.int64, dims: [] },
      { dataType: DataType.bool, dims: [] },
      ...state,
    ]);
  const stable = settle(carried, (state) => run(state).slice(1));
  const outputs = run(stable).slice(1);
  return outputs.map((type, at) =>
    at < carried.length ? stable[at] : stacked(type, 0, undefined),
  );
};

/** The state types that one turn reproduces: two rounds suffice, since they only lose knowledge. */
function settle(
  start: readonly Type[],
  turn: (state: readonly Type[]) => readonly Type[],
): readonly Type[] {
  let state = start;
  for (let round = 0; round < 2; round++) {
    const next = turn(state);
    state = state.map((type, at) => commonType(type, next[at]));
  }
  return state;
}

function stacked(type: Type, axis: number, length: Dim): Type {
  if (!type?.dims) return type;
  const at = axis < 0 ? axis + type.dims.length + 1 : axis;
  return { ...type, dims: [...type.dims.slice(0, at), length, ...type.dims.slice(at)] };
}

/** Scan (opset 9 on): state first, then slices of the scanned inputs; outputs stacked likewise. */
const scan: Rule = (c) => {
  const body = graphAttribute(c.node, 'body');
  const scanned = intAttribute(c.node, 'num_scan_inputs', 0);
  if (!body || c.opset < 9) return [];
  const states = c.node.inputs.length - scanned;
  const axes = intsAttribute(c.node, 'scan_input_axes', []);
  let length: Dim;
  const slices = c.node.inputs.slice(states).map((_, index): Type => {
    const type = c.type(states + index);
    if (!type?.dims) return type;
    const at = (axes[index] ?? 0) < 0 ? (axes[index] ?? 0) + type.dims.length : (axes[index] ?? 0);
    length ??= type.dims[at];
    return { ...type, dims: type.dims.filter((_dim, axis) => axis !== at) };
  });
  const start = c.node.inputs.slice(0, states).map((_, index) => c.type(index));
  const run = (state: readonly Type[]): readonly Type[] => c.body(body, [...state, ...slices]);
  const stable = settle(start, run);
  const outputAxes = intsAttribute(c.node, 'scan_output_axes', []);
  return run(stable).map((type, at) =>
    at < states ? stable[at] : stacked(type, outputAxes[at - states] ?? 0, length),
  );
};

/** Nothing can be said: the outputs depend on data, or are no tensors. */
const unknown: Rule = (c: RuleContext) => c.node.outputs.map(() => undefined);

export const controlRules = { branch, loop, scan, unknown } satisfies Record<string, Rule>;
