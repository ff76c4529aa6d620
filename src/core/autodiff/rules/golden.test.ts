/** Each rule against torch.autograd (test/golden/gradients.py). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  caseFeeds,
  caseModel,
  gradientsOf,
  relativeDistance,
  type NodeCase,
} from '../../../../test/support/gradient.ts';
import { f64, type F64Value } from '../../../../test/support/interpret/value.ts';
import { interpret } from '../../../../test/support/interpret/interpret.ts';
import {
  makeGraph,
  makeModel,
  makeNode,
  makeTensor,
  makeValueInfo,
} from '../../onnx/graph/make.ts';
import { DataType } from '../../tensor/data-type.ts';
import { gradientEntries } from './index.ts';

const arraySchema = z.object({ dims: z.array(z.number()), values: z.array(z.number()) });
const inputSchema = arraySchema.extend({
  type: z.enum(['int64', 'bool', 'uint8', 'int8']).optional(),
  constant: z.boolean().optional(),
});
const attributeSchema = z.union([
  z.number(),
  z.string(),
  z.array(z.number()),
  z.object({ float: z.number() }),
]);
const caseSchema = z.object({
  operator: z.string(),
  opset: z.number(),
  attributes: z.record(z.string(), attributeSchema),
  inputs: z.array(inputSchema.nullable()),
  outputs: z.number(),
  upstream: z.array(arraySchema),
  gradients: z.array(arraySchema.nullable()),
});
const fakeSchema = z.object({
  x: z.array(z.number()),
  scale: z.number(),
  zeroPoint: z.number(),
  type: z.enum(['int8', 'uint8']),
  upstream: z.array(z.number()),
  y: z.array(z.number()),
  dx: z.array(z.number()),
  dscale: z.number(),
});
const vectorsSchema = z.object({
  torch: z.string(),
  cases: z.array(caseSchema),
  fakeQuantized: z.array(fakeSchema),
});

const file = new URL('../../../../test/golden/vectors/gradients.json', import.meta.url);
const vectors = vectorsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));

const value = ({ dims, values }: z.infer<typeof arraySchema>): F64Value =>
  f64(dims, values, DataType.float64);

describe('gradient rules, against PyTorch in float64', () => {
  it.each(vectors.cases.map((c, i) => [`${i} ${c.operator}`, c] as const))('%s', (_, golden) => {
    const test: NodeCase = golden;
    const upstream = Object.fromEntries(golden.upstream.map((dy, k) => [`y${k}`, value(dy)]));
    const feeds = caseFeeds(test);
    const found = gradientsOf(caseModel(test), feeds, upstream, Object.keys(feeds));
    golden.gradients.forEach((expected, i) => {
      if (expected === null) return;
      const gradient = found.get(`x${i}`)!;
      expect(gradient.dims).toEqual(expected.dims);
      expect(relativeDistance(gradient.data, expected.values)).toBeLessThan(1e-9);
    });
  });

  it('covers every operator of ai.onnx with a rule that torch has, too', () => {
    const golden = new Set(vectors.cases.map(({ operator }) => operator));
    const standard = gradientEntries.filter(({ domain = '' }) => domain === '');
    const missing = standard.flatMap(({ operators }) => operators).filter((n) => !golden.has(n));
    // Casts are the identity in float64; QuantizeLinear stands below with its dequantizing half.
    expect(missing).toEqual(['Cast', 'CastLike', 'QuantizeLinear']);
  });
});

describe('the straight-through estimator, against PyTorch in float32', () => {
  it.each(vectors.fakeQuantized)('$type', (golden) => {
    const dims = [golden.x.length];
    const bytes = Uint8Array.of(golden.zeroPoint);
    const model = makeModel(
      makeGraph({
        nodes: [
          makeNode('QuantizeLinear', ['x', 'scale', 'zero'], ['codes']),
          makeNode('Identity', ['codes'], ['same codes']),
          makeNode('DequantizeLinear', ['same codes', 'scale', 'zero'], ['y']),
        ],
        inputs: [
          makeValueInfo('x', DataType.float64, dims),
          makeValueInfo('scale', DataType.float64, []),
        ],
        initializers: [makeTensor('zero', [], { dataType: DataType[golden.type], bytes })],
        outputs: [{ name: 'y' }],
      }),
      { '': 18 },
    );
    const feeds = { x: f64(dims, golden.x, 11), scale: f64([], [golden.scale], 11) };
    const y = interpret(model, feeds).get('y')!;
    expect(relativeDistance(y.data, golden.y)).toBeLessThan(1e-6);
    const upstream = { y: f64(dims, golden.upstream, 11) };
    const found = gradientsOf(model, feeds, upstream, ['x', 'scale']);
    expect(relativeDistance(found.get('x')!.data, golden.dx)).toBeLessThan(1e-5);
    expect(relativeDistance(found.get('scale')!.data, [golden.dscale])).toBeLessThan(1e-5);
    // Some of the values lie outside the range, or the clamped branch was never tried.
    expect(golden.dx.filter((g) => g === 0).length).toBeGreaterThan(2);
  });
});
