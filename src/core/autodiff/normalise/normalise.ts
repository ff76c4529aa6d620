import { LatheError } from '../../errors/lathe-error.ts';
import { editGraph } from '../../onnx/graph/edit.ts';
import { makeNode } from '../../onnx/graph/make.ts';
import { opsetOf } from '../../onnx/graph/opset.ts';
import { topologicalOrder } from '../../onnx/graph/topology.ts';
import { allNames, renameInNode, valuesRead } from '../../onnx/graph/values.ts';
import { canonicalDomain } from '../../onnx/operators/table.ts';
import type { Bindings } from '../../onnx/shape/dimension.ts';
import type { Graph, Model, Node, Tensor } from '../../onnx/types.ts';
import { Emitter } from '../emitter.ts';
import { staticValues } from '../static-values.ts';
import { storedConstant } from './constants.ts';
import { rewriteContext, shapeUnknown } from './context.ts';
import type { Setting } from './context.ts';
import { foldSizes } from './fold-sizes.ts';
import type { MaskInputs } from './masks.ts';
import { assertSameMeaning } from './raise.ts';
import { rewriteOf } from './rewrites/index.ts';

/** The oldest operator set gradient rules are written for. */
export const LEAST_OPSET = 18;

/**
 * The same model with every size fixed and written in the operators gradient rules exist for, in
 * ai.onnx max(18, the model's): shapes are folded with `bindings` as sizes of symbols, fused operators
 * are written out, older forms (axes as attributes, Softmax over two axes …) are lifted, Dropout passes
 * its input on, Constant nodes become initializers. Inputs, outputs, their names, and the weights'
 * tensors stay as they are; the outputs are equal up to rounding. Where `masks` is given, a Dropout in
 * training mode multiplies with a mask instead, which becomes a further input and is added to `masks`.
 *
 * Throws `size-open` for an input size without a number, `normalise-shape-unknown` for a size that only
 * a run would tell, `cannot-lift` for an operator of an old set that means something else today,
 * `cannot-normalise` for a form of a fused operator that is not written out (caches, packed batches).
 */
export function normalise(model: Model, bindings: Bindings, masks?: MaskInputs): Model {
  const bound = foldSizes(model, bindings);
  assertSized(bound.graph);
  const opset = opsetOf(bound, '');
  const target = Math.max(LEAST_OPSET, opset);
  const emit = new Emitter(staticValues(bound), freePrefix(bound.graph));
  const parts = new Parts({
    emit,
    opset,
    target,
    read: valuesAsked(bound.graph),
    shared: new Map(),
    ...(masks && { masks }),
  });
  for (const node of topologicalOrder(bound.graph.nodes)) parts.add(node);
  const graph = editGraph(parts.finish(bound.graph));
  graph.removeUnused();
  const made = graph.finish();
  return { ...withOpset(bound, target), graph: masks?.declared(made) ?? made };
}

/** The nodes and constants of the new graph, as they come. */
class Parts {
  readonly #setting: Setting;
  readonly #nodes: Node[] = [];
  readonly #constants: Tensor[] = [];
  /** Names of values new nodes make → the names of the old graph they are to have. */
  readonly #renames = new Map<string, string>();

  constructor(setting: Setting) {
    this.#setting = setting;
  }

  add(node: Node): void {
    const { emit, opset, target } = this.#setting;
    const constant = storedConstant(node);
    if (constant) {
      this.#constants.push(constant);
      return;
    }
    const before = emit.nodes.length;
    const outputs = this.#rewrite(node);
    const added = emit.nodes.slice(before);
    this.#nodes.push(...added);
    if (outputs) {
      this.#deliver(node, outputs, new Set(added.flatMap((made) => made.outputs)));
    } else {
      assertSameMeaning(node, opset, target);
      this.#nodes.push(node);
    }
  }

  /**
   * A standard operator of unknown sizes (what NonZero finds …) stays: shapes and indices may be
   * computed that way, and where a gradient is asked for, its rule will say what is missing.
   */
  #rewrite(node: Node): readonly (string | undefined)[] | undefined {
    const { emit } = this.#setting;
    const rewrite = rewriteOf(node);
    const standard = canonicalDomain(node.domain) === '';
    const values = standard ? [...node.inputs, ...node.outputs] : node.inputs;
    const unknown = values.find((value) => value !== '' && emit.type(value) === undefined);
    if (unknown === undefined) return rewrite?.(rewriteContext(node, this.#setting));
    if (rewrite && !standard) throw shapeUnknown(node, unknown);
    return undefined;
  }

  finish(graph: Graph): Graph {
    const nodes = this.#nodes.map((node) => renameInNode(node, this.#renames));
    const { initializers } = this.#setting.emit;
    return {
      ...graph,
      nodes,
      initializers: [...graph.initializers, ...this.#constants, ...initializers],
    };
  }

  /** Gives each value the name of the output it stands for; what cannot take it is passed on. */
  #deliver(node: Node, values: readonly (string | undefined)[], made: ReadonlySet<string>): void {
    const { emit, read } = this.#setting;
    node.outputs.forEach((output, index) => {
      const value = values[index];
      if (value === undefined || !read.has(output)) return;
      emit.declare(output, { dataType: emit.dataType(value), dims: emit.dims(value) });
      if (made.has(value) && !this.#renames.has(value)) this.#renames.set(value, output);
      else this.#nodes.push(makeNode('Identity', [value], [output], {}, '', `${output} passed on`));
    });
  }
}

function valuesAsked(graph: Graph): ReadonlySet<string> {
  const read = new Set(graph.outputs.map((info) => info.name));
  for (const node of graph.nodes) for (const value of valuesRead(node)) read.add(value);
  return read;
}

/** A beginning that no name of the graph has. */
function freePrefix(graph: Graph): string {
  const names = [...allNames(graph)];
  for (let n = 0; ; n++) {
    const prefix = n === 0 ? 'normal.' : `normal${n}.`;
    if (!names.some((name) => name.startsWith(prefix))) return prefix;
  }
}

/** IR version that came with operator set 18. */
const LEAST_IR = 8;

function withOpset(model: Model, version: number): Model {
  if (opsetOf(model, '') >= version) return model;
  const others = model.opsets.filter(({ domain }) => canonicalDomain(domain) !== '');
  const opsets = [{ domain: '', version }, ...others];
  return { ...model, opsets, irVersion: Math.max(model.irVersion, LEAST_IR) };
}

function assertSized({ inputs, initializers }: Graph): void {
  const stored = new Set(initializers.map((tensor) => tensor.name));
  for (const { name, type } of inputs) {
    if (stored.has(name)) continue;
    type?.dims?.forEach(({ value, symbol }, axis) => {
      if (value === undefined) throw sizeOpen(name, symbol || `axis ${axis}`);
    });
  }
}

function sizeOpen(input: string, size: string): LatheError {
  return new LatheError(
    'size-open',
    `The input "${input}" leaves its size "${size}" open, and a training graph is written for fixed sizes; give data that has the array "${input}", or export the model with a number for "${size}".`,
    { input, size },
  );
}
