import type { GraphEditor } from '../onnx/graph/edit.ts';
import { makeNode, makeTensor } from '../onnx/graph/make.ts';
import { DataType } from '../tensor/data-type.ts';
import type { Turner } from './tied.ts';
import type { StreamNorm } from './stream-norm.ts';

/** What all norms of a narrower stream are made with. */
export interface Narrowing {
  /** Columns before … */
  readonly from: number;
  /** … and after. */
  readonly to: number;
  /** Element type of the stream. */
  readonly dataType: number;
  readonly opset: number;
  /** What turns the output of some norms back. */
  readonly turnedBack: readonly Turner[];
}

/**
 * Writes every norm as z·√(d/k) / √(mean(z²) + ε·d/k), which is z / √(Σz²/d + ε) over the k columns that are left of d:
 * the mean is still that of d columns, of which the missing ones are zero. Gains and shifts are in the weights behind, and
 * a layer norm's mean was taken out by what writes the stream. In standard operators, which onnxruntime fuses.
 */
export function writeNorms(
  edit: GraphEditor,
  norms: readonly StreamNorm[],
  narrowing: Narrowing,
): void {
  const constants = constantsOf(edit, narrowing);
  const sums = new Map<string, string>();
  norms.forEach((norm, at) => {
    const back = narrowing.turnedBack.filter((turner) => turner.norm === at);
    writeNorm(edit, norm, { ...constants, sums, back }, narrowing);
  });
}

interface Constants {
  readonly two: string;
  readonly axes: string;
  readonly gain: string;
  readonly epsilon: (value: number) => string;
}

function constantsOf(edit: GraphEditor, { from, to, opset }: Narrowing): Constants {
  const add = (label: string, dims: readonly number[], data: Float32Array | BigInt64Array) => {
    const name = edit.freshName(label);
    edit.addInitializer(makeTensor(name, dims, data));
    return name;
  };
  const known = new Map<number, string>();
  return {
    two: add('stream_square', [], Float32Array.of(2)),
    axes: opset >= 18 ? add('stream_axes', [1], BigInt64Array.of(-1n)) : '',
    gain: add('stream_gain', [to], new Float32Array(to).fill(Math.sqrt(from / to))),
    epsilon: (value) => {
      const name =
        known.get(value) ?? add('stream_epsilon', [], Float32Array.of((value * from) / to));
      known.set(value, name);
      return name;
    },
  };
}

interface Written {
  readonly sums: Map<string, string>;
  readonly back: readonly Turner[];
}

function writeNorm(
  edit: GraphEditor,
  norm: StreamNorm,
  { two, axes, gain, epsilon, sums, back }: Constants & Written,
  { dataType }: Narrowing,
): void {
  const op = (type: string, inputs: readonly string[], attributes = {}): string => {
    const output = edit.freshName(`${norm.output}_${type.toLowerCase()}`);
    edit.addNodes(makeNode(type, inputs, [output], attributes, '', output));
    return output;
  };
  const half = dataType !== DataType.float32;
  const stream = summed(edit, norm, op, sums);
  const z = half ? op('Cast', [stream], { to: DataType.float32 }) : stream;
  const squares = op('Pow', [z, two]);
  const mean =
    axes === ''
      ? op('ReduceMean', [squares], { axes: [-1], keepdims: 1 })
      : op('ReduceMean', [squares, axes], { keepdims: 1 });
  const root = op('Sqrt', [op('Add', [mean, epsilon(norm.epsilon)])]);
  const scaled = op('Mul', [op('Div', [z, root]), gain]);
  const typed = half ? op('Cast', [scaled], { to: dataType }) : scaled;
  const whole = back.reduce(
    (value, { kind, name }) => op(kind === 'back' ? 'MatMul' : 'Add', [value, name]),
    typed,
  );
  edit.replaceUses(norm.output, whole);
}

/**
 * The stream that is normed: by its name, or as a sum of what an operator with its norm inside had added. `sums` are
 * the names that went with such operators, and what stands for them.
 */
function summed(
  edit: GraphEditor,
  { input, terms }: StreamNorm,
  op: (type: string, inputs: readonly string[]) => string,
  sums: Map<string, string>,
): string {
  if (terms === undefined) return sums.get(input) ?? input;
  const [first, ...others] = terms.map((term) => sums.get(term) ?? term);
  const sum = others.reduce((before, term) => op('Add', [before, term]), first);
  if (input !== '') {
    edit.replaceUses(input, sum);
    sums.set(input, sum);
  }
  return sum;
}
