import { isOp } from '../anatomy/operators.ts';
import type { GraphView } from '../anatomy/view.ts';
import type { GraphEditor } from '../onnx/graph/edit.ts';
import { makeNode } from '../onnx/graph/make.ts';
import type { Tensor } from '../onnx/types.ts';
import { hole, readersInTheEnd, type Wiring } from './holes.ts';
import type { Reader, Stream, StreamTensor } from './follow.ts';

/** A table E that is embedding and output head in one. */
export interface TiedTable {
  readonly source: Tensor;
  readonly axis: number;
  readonly lookUps: readonly StreamTensor[];
  readonly heads: readonly Reader[];
}

/**
 * A small constant beside a table that stays one: what either use of it would have had folded in.
 * `centre`: C = Pᵀ·M·P behind the look-up; `gain`: K = Pᵀ·diag(γ)·P and `shift`: c = β·P in front of the head. Behind a norm whose
 * output is turned back: `back`, Pᵀ·diag(γ), and `offset`, β.
 */
export interface Turner {
  readonly name: string;
  readonly kind: 'centre' | 'gain' | 'shift' | 'back' | 'offset';
  /** The norm in front of the head, or the one that is turned back. */
  readonly norm: number;
  readonly dataType: number;
}

/** Tables that are looked up into the stream and read from it, and nothing else. */
export function tiedTables(view: GraphView, { writers, readers }: Stream): TiedTable[] {
  const names = new Set(readers.map(({ tensor }) => tensor.name));
  return [...names].flatMap((name) => {
    const lookUps = writers.filter(({ tensor }) => tensor.name === name);
    const heads = readers.filter(({ tensor }) => tensor.name === name);
    const [{ tensor: source, axis }] = heads;
    const ends = readersInTheEnd(view, name).length;
    const whole = ends === lookUps.length + heads.length;
    const plain = lookUps.every(({ node, axis: own }) => isOp(node, 'Gather') && own === axis);
    const alike = heads.every((head) => head.axis === axis && head.norm === heads[0].norm);
    return lookUps.length > 0 && whole && plain && alike ? [{ source, axis, lookUps, heads }] : [];
  });
}

/**
 * Tables that stay one: both uses read E·P, and what differs between them is a matrix of the stream's width squared.
 * The rest of the stream is `others`.
 */
export function keepTied(
  edit: GraphEditor,
  wiring: Wiring,
  tables: readonly TiedTable[],
  { norms }: Stream,
  { to, dataType }: { readonly to: number; readonly dataType: number },
): readonly Turner[] {
  const centred = norms.some(({ kind }) => kind === 'layer-norm');
  return tables.flatMap(({ source, axis, lookUps, heads }) => {
    const { name, dims } = source;
    edit.replaceInitializer(name, hole(name, source.dataType, dims.with(axis, to)));
    const [{ norm }] = heads;
    const made = (kind: Turner['kind'], shape: readonly number[]): Turner => {
      const turner = { name: edit.freshName(`${name}_${kind}`), kind, norm, dataType };
      edit.addInitializer(hole(turner.name, dataType, shape));
      return turner;
    };
    const centre = centred ? made('centre', [to, to]) : undefined;
    const gain = norms[norm].gain === undefined ? undefined : made('gain', [to, to]);
    const shift = norms[norm].shift === undefined ? undefined : made('shift', [to]);
    if (centre) for (const { node } of lookUps) turnBehind(edit, wiring, node.outputs[0], centre);
    for (const head of heads) turnInFront(edit, wiring, head, gain, shift);
    return [centre, gain, shift].filter((turner) => turner !== undefined);
  });
}

function turnBehind(edit: GraphEditor, wiring: Wiring, value: string, { name }: Turner): void {
  wiring.after.push(() => {
    const turned = edit.freshName(`${value}_centred`);
    const node = makeNode('MatMul', [value, name], [turned], {}, '', turned);
    edit.addNodes(node);
    edit.replaceUses(value, turned, [node]);
  });
}

function turnInFront(
  edit: GraphEditor,
  wiring: Wiring,
  { node }: Reader,
  gain: Turner | undefined,
  shift: Turner | undefined,
): void {
  let value = node.inputs[0];
  for (const [op, turner] of [
    ['MatMul', gain],
    ['Add', shift],
  ] as const) {
    if (turner === undefined) continue;
    const turned = edit.freshName(`${turner.name}_out`);
    edit.addNodes(makeNode(op, [value, turner.name], [turned], {}, '', turned));
    value = turned;
  }
  if (value !== node.inputs[0]) wiring.read(node, 0, value);
}
