import { makeNode } from '../graph/make.ts';
import type { FunctionBody } from '../proto/function.ts';
import type { Attribute, Node } from '../types.ts';
import { renamedNode, scopeOf, type FreshNames, type Resolve } from './scope.ts';

/**
 * The nodes that a call of a function stands for (ONNX IR, "Functions"): formal inputs and outputs are
 * the call's, inner values get fresh names, references are the call's attributes, else the function's
 * defaults; one that neither gives is left out, as the operator's own default then holds.
 */
export function expandCall(call: Node, body: FunctionBody, fresh: FreshNames): readonly Node[] {
  const label = call.name || call.opType;
  const { given, copies } = interfaceOf(call, body);
  const scope = scopeOf(given, (name) => fresh.value(`${label}/${name}`));
  const renaming = {
    resolve: resolver(call, body),
    label: ({ name, opType }: Node) => fresh.node(`${label}/${name || opType}`),
  };
  return [
    ...body.nodes.map((node) => renamedNode(node, scope, renaming)),
    ...copies.map(({ from, to }) => makeNode('Identity', [scope.name(from)], [to])),
  ];
}

interface Copy {
  readonly from: string;
  readonly to: string;
}

/** What formal names stand for; an output that is an input, or delivered twice, is a copy. */
function interfaceOf(
  call: Node,
  { inputs, outputs }: FunctionBody,
): { readonly given: ReadonlyMap<string, string>; readonly copies: readonly Copy[] } {
  const given = new Map(inputs.map((formal, i) => [formal, call.inputs[i] ?? '']));
  const copies: Copy[] = [];
  outputs.forEach((formal, i) => {
    const actual = call.outputs[i] ?? '';
    if (actual === '') return;
    if (given.has(formal)) copies.push({ from: formal, to: actual });
    else given.set(formal, actual);
  });
  return { given, copies };
}

function resolver(call: Node, { defaults }: FunctionBody): Resolve {
  const values = new Map([...defaults, ...call.attributes].map((a) => [a.name, a]));
  return (attribute: Attribute) => {
    if (attribute.kind !== 'reference') return [attribute];
    const found = values.get(attribute.value);
    return found === undefined ? [] : [{ ...found, name: attribute.name }];
  };
}
