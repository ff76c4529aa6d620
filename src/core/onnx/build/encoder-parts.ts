import { LatheError } from '../../errors/lathe-error.ts';
import { Constants } from './constants.ts';
import { GraphBuilder } from './graph-builder.ts';
import type { WeightSource } from './initial-weights.ts';
import { turnedValues, type WeightValues } from './weight-values.ts';

/** Sizes that BERT-like and ViT-like blocks share. */
export interface EncoderSizes {
  readonly hiddenSize: number;
  readonly feedForwardWidth: number;
  readonly blocks: number;
  readonly heads: number;
  /** Classes of the classifier behind the last block. */
  readonly classes: number;
  /** ε of LayerNorm. */
  readonly normEpsilon?: number;
}

/**
 * Writes the parts that PyTorch's exporter makes of an encoder's modules: linear maps as MatMul and
 * Add with weights [in, out], LayerNormalization, gelu by Erf, scaled dot-product attention.
 */
export class EncoderParts {
  readonly g: GraphBuilder;
  readonly constants: Constants;
  readonly #weights: WeightSource;
  readonly #sizes: EncoderSizes;

  /** @throws LatheError `encoder-config` */
  constructor(name: string, sizes: EncoderSizes, weights: WeightSource) {
    checkSizes(sizes);
    this.g = new GraphBuilder(name);
    this.constants = new Constants(this.g);
    this.#weights = weights;
    this.#sizes = sizes;
  }

  get hiddenSize(): number {
    return this.#sizes.hiddenSize;
  }

  /** A weight as it is. @throws LatheError `encoder-weights` */
  weight(name: string, dims: readonly number[]): string {
    return this.g.floats(name, dims, this.#values(name, dims));
  }

  /** x·Wᵀ + b on any number of axes. */
  linear(x: string, name: string, inFeatures: number, outFeatures: number): string {
    const values = this.#values(`${name}.weight`, [outFeatures, inFeatures]);
    const turned = turnedValues(values, outFeatures, inFeatures);
    const weight = this.g.floats(`${name}.weight`, [inFeatures, outFeatures], turned);
    const bias = this.weight(`${name}.bias`, [outFeatures]);
    const scope = name.slice(name.lastIndexOf('.') + 1);
    return this.g.scope(scope, () => this.g.op('Add', [this.g.op('MatMul', [x, weight]), bias]));
  }

  /** x·Wᵀ + b on two axes: Gemm with W [out, in], as classifiers are exported. */
  gemm(x: string, name: string, inFeatures: number, outFeatures: number): string {
    const weight = this.weight(`${name}.weight`, [outFeatures, inFeatures]);
    const bias = this.weight(`${name}.bias`, [outFeatures]);
    return this.g.scope(name, () => this.g.op('Gemm', [x, weight, bias], { transB: 1 }));
  }

  /** (x − mean)/√(var + ε)·γ + β over the last axis. */
  layerNorm(x: string, name: string): string {
    const dims = [this.#sizes.hiddenSize];
    const inputs = [x, this.weight(`${name}.weight`, dims), this.weight(`${name}.bias`, dims)];
    const epsilon = { float: this.#sizes.normEpsilon ?? 1e-12 };
    const scope = name.slice(name.lastIndexOf('.') + 1);
    return this.g.scope(scope, () =>
      this.g.op('LayerNormalization', inputs, { axis: -1, epsilon }),
    );
  }

  /** Down·gelu(up·x), gelu(x) = x·½(1 + erf(x/√2)). */
  feedForward(x: string, up: string, down: string): string {
    const { g, constants } = this;
    const { hiddenSize, feedForwardWidth } = this.#sizes;
    const wide = this.linear(x, up, hiddenSize, feedForwardWidth);
    const erf = g.op('Erf', [g.op('Div', [wide, constants.float(Math.SQRT2)])]);
    const product = g.op('Mul', [wide, g.op('Add', [erf, constants.float(1)])]);
    const active = g.op('Mul', [product, constants.float(0.5)]);
    return this.linear(active, down, feedForwardWidth, hiddenSize);
  }

  /** softmax(q·kᵀ/√headSize + mask)·v with maps `name.query`, `.key`, `.value`; heads joined again. */
  attention(x: string, name: string, mask?: string): string {
    const { g, constants } = this;
    const { hiddenSize, heads } = this.#sizes;
    const size = hiddenSize / heads;
    const [q, k, v] = ['query', 'key', 'value'].map((part) => {
      const projected = this.linear(x, `${name}.${part}`, hiddenSize, hiddenSize);
      return g.op('Reshape', [projected, constants.integers(0, 0, heads, size)]);
    });
    const turn = (value: string, perm: number[]) => g.op('Transpose', [value], { perm });
    const products = g.op('MatMul', [turn(q, [0, 2, 1, 3]), turn(k, [0, 2, 3, 1])]);
    const scores = g.op('Div', [products, constants.float(Math.sqrt(size))]);
    const masked = mask === undefined ? scores : g.op('Add', [scores, mask]);
    const shares = g.op('Softmax', [masked], { axis: -1 });
    const mixed = turn(g.op('MatMul', [shares, turn(v, [0, 2, 1, 3])]), [0, 2, 1, 3]);
    return g.op('Reshape', [mixed, constants.integers(0, 0, hiddenSize)]);
  }

  /** The size of one axis at run time, as a vector of one. */
  dimension(x: string, axis: number): string {
    const { g, constants } = this;
    const size = g.op('Gather', [g.op('Shape', [x]), constants.integer(axis)], { axis: 0 });
    return g.op('Unsqueeze', [size, constants.integers(0)]);
  }

  #values(name: string, dims: readonly number[]): WeightValues {
    const values = this.#weights(name, dims);
    const expected = dims.reduce((product, d) => product * d, 1);
    if (values.length === expected) return values;
    throw new LatheError(
      'encoder-weights',
      `"${name}" holds ${values.length} values where the configuration needs ${expected}; use the configuration the weights were trained with.`,
    );
  }
}

function checkSizes({ hiddenSize, heads, classes }: EncoderSizes): void {
  if (hiddenSize % heads !== 0) {
    throw new LatheError(
      'encoder-config',
      `A width of ${hiddenSize} cannot be shared by ${heads} heads evenly; choose a number of heads that divides the width.`,
    );
  }
  if (!Number.isInteger(classes) || classes < 2) {
    throw new LatheError(
      'encoder-config',
      `A classifier of ${classes} classes has nothing to tell apart; choose at least 2.`,
    );
  }
}
