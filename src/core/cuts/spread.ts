import { LatheError } from '../errors/lathe-error.ts';
import { DataType } from '../tensor/data-type.ts';
import type { Node } from '../onnx/types.ts';
import type { CutGraph } from './graph.ts';
import { alike, FIXED, type Labels } from './labels.ts';
import { ruleOf } from './rules/index.ts';
import { axisOf, type Mark, type Site } from './site.ts';

/** Marks by value. */
export type Marks = ReadonlyMap<string, Mark>;

/** Where a cut begins. */
export interface Start {
  readonly value: string;
  /** Negative: from the last. */
  readonly axis: number;
  readonly labels: Labels;
}

export interface SpreadOptions {
  /** Caches may get narrower: inputs and outputs of four or more axes. Default: the model's interface stays. */
  readonly caches?: boolean;
  readonly pooled?: boolean;
  /** Nodes that read a marked value as it was, because something is put in front of them. */
  readonly walls?: ReadonlySet<Node>;
  /** Only what values are made of, not what reads them. */
  readonly upstream?: boolean;
}

/**
 * Everything that has to be cut together with the starts: the marks of all values, weights included. It follows each
 * value to its maker and to every reader, by one rule for each family of operators, until nothing new is found.
 * Throws `cut-coupled` with the node that forbids it and why.
 */
export function spread(
  graph: CutGraph,
  starts: readonly Start[],
  options: SpreadOptions = {},
): Marks {
  const wave = new Wave(graph, options);
  for (const { value, axis, labels } of starts) {
    const rank = graph.dims(value)?.length;
    if (rank === undefined) throw coupled(`the shape of "${value}" is not known`);
    wave.put(value, axisOf(axis, rank), labels);
  }
  wave.run();
  return wave.marks;
}

/** A cut that cannot be; `reason` is the end of a sentence. Code `cut-coupled`. */
export function coupled(reason: string): LatheError {
  return new LatheError('cut-coupled', reason);
}

/** What a person calls a node: its operator and the value it makes. */
export function called(node: Node): string {
  return `the ${node.opType} that makes "${node.outputs[0] ?? ''}"`;
}

interface Partial {
  readonly axis: number;
  readonly labels: Labels;
}

const UNKNOWN = -2;

class Wave {
  readonly marks = new Map<string, Mark>();
  private readonly partial = new Map<string, Partial>();
  private open: string[] = [];

  constructor(
    private readonly graph: CutGraph,
    private readonly options: SpreadOptions,
  ) {}

  run(): void {
    do {
      for (let value = this.open.pop(); value !== undefined; value = this.open.pop()) {
        for (const node of this.around(value)) this.visit(node);
      }
      this.settle();
    } while (this.open.length > 0 || this.partial.size > 0);
  }

  put(value: string, axis: number, labels: Labels): void {
    const known = this.marks.get(value);
    if (known !== undefined) {
      if (known.axis === axis && alike(known.labels, labels)) return;
      throw coupled(`"${value}" would have to be cut in two ways at once`);
    }
    const size = this.graph.dims(value)?.[axis];
    if (typeof size === 'number' && size % labels.length !== 0) {
      throw coupled(
        `axis ${axis} of "${value}" has ${size} entries where ${labels.length} were expected`,
      );
    }
    this.checkInterface(value);
    this.marks.set(value, { axis, labels });
    this.partial.delete(value);
    this.open.push(value);
  }

  private putSome(value: string, axis: number, indices: readonly number[], labels: Labels): void {
    const size = this.graph.dims(value)?.[axis];
    if (typeof size !== 'number')
      throw coupled(`the size of axis ${axis} of "${value}" is not known`);
    const fresh = { axis, labels: new Int32Array(size).fill(UNKNOWN) };
    const known = this.partial.get(value) ?? fresh;
    this.partial.set(value, known);
    indices.forEach((index, i) => {
      const before = known.labels[index];
      if (known.axis !== axis || (before !== UNKNOWN && before !== labels[i])) {
        throw coupled(`"${value}" would have to be cut in two ways at once`);
      }
      known.labels[index] = labels[i];
    });
    if (!known.labels.includes(UNKNOWN)) this.finish(value, known);
  }

  /** What nobody spoke for stays; one value at a time, since it may say what is open of others. */
  private settle(): void {
    const [first] = this.partial;
    if (first === undefined) return;
    const [value, { axis, labels }] = first;
    this.finish(value, { axis, labels: labels.map((l) => (l === UNKNOWN ? FIXED : l)) });
  }

  private finish(value: string, { axis, labels }: Partial): void {
    this.partial.delete(value);
    this.put(value, axis, labels);
  }

  private around(value: string): readonly Node[] {
    const { index } = this.graph;
    const maker = index.producer(value);
    if (this.options.upstream) return maker ? [maker.node] : [];
    const readers = index.consumers(value).filter((node) => !this.options.walls?.has(node));
    return maker ? [maker.node, ...readers] : readers;
  }

  private visit(node: Node): void {
    const site = siteOf(this.graph, node, this.options, this);
    const rule = ruleOf(node);
    if (rule === undefined) return site.refuse('is an operator that cannot be followed');
    rule.spread(site);
  }

  /** A caller must find the inputs and outputs it knows; only caches change with the heads. */
  private checkInterface(value: string): void {
    const { index } = this.graph;
    const outside =
      index.isGraphOutput(value) || (index.isGraphInput(value) && !index.initializer(value));
    if (!outside) return;
    const side = index.isGraphOutput(value) ? 'output' : 'input';
    const cache = this.options.caches === true && (this.graph.dims(value)?.length ?? 0) >= 4;
    if (!cache) throw coupled(`the ${side} "${value}" of the model would change its shape`);
  }

  someOf(value: string, axis: number, indices: readonly number[], labels: Labels): void {
    if (!this.marks.has(value)) this.putSome(value, axis, indices, labels);
    else this.agree(value, axis, indices, labels);
  }

  private agree(value: string, axis: number, indices: readonly number[], labels: Labels): void {
    const mark = this.marks.get(value);
    const same = mark?.axis === axis && indices.every((at, i) => mark.labels[at] === labels[i]);
    if (!same) throw coupled(`"${value}" would have to be cut in two ways at once`);
  }
}

/** What rules see of a node; `wave` takes the marks. */
export function siteOf(
  { dims, shapes, opset }: CutGraph,
  node: Node,
  { pooled = false }: SpreadOptions,
  wave: Pick<Wave, 'put' | 'someOf'> & { readonly marks: Marks },
): Site {
  return {
    node,
    opset,
    pooled,
    dims,
    numbers: (value) => (value ? wholeNumbers(shapes.constant(value)) : undefined),
    mark: (value) => wave.marks.get(value),
    put: (value, axis, labels) => wave.put(value, axis, labels),
    putSome: (value, axis, at, labels) => wave.someOf(value, axis, at, labels),
    refuse: (reason) => {
      throw coupled(`${called(node)} ${reason}`);
    },
  };
}

function wholeNumbers(value: { dataType: number; data: ArrayLike<number | bigint> } | undefined) {
  const whole = value?.dataType === DataType.int64 || value?.dataType === DataType.int32;
  return whole ? Array.from<number | bigint, number>(value.data, Number) : undefined;
}
