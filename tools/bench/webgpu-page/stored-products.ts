import type { Layer } from '../../../src/core/anatomy/types.ts';
import {
  NF4,
  writeEncodings,
  type Coded,
  type EncodedLayer,
} from '../../../src/core/encodings/index.ts';
import { sampleOf } from '../../../src/core/encodings/sample.ts';
import { GraphBuilder } from '../../../src/core/onnx/build/graph-builder.ts';
import type { Model } from '../../../src/core/onnx/types.ts';
import { seededRandom } from '../../../src/core/random/seeded.ts';
import { DataType } from '../../../src/core/tensor/data-type.ts';

type Stored = Pick<EncodedLayer, 'encoded' | 'input'>;

const codes = (bits: Coded['bits'], more: Partial<Coded> = {}): Coded => ({
  ...{ kind: 'coded', bits, grid: 'integer', granularity: 'block', groupSize: 32 },
  scales: { dataType: DataType.float32 },
  ...more,
});

/** Ways to store the weight of one product; blocks of 32 where there are blocks. */
const FORMS: Readonly<Record<string, Stored>> = {
  float32: { encoded: { kind: 'plain', dataType: DataType.float32 } },
  float16: { encoded: { kind: 'plain', dataType: DataType.float16 } },
  '8 bits': { encoded: codes(8) },
  '4 bits': { encoded: codes(4) },
  '2 bits': { encoded: codes(2) },
  NF4: { encoded: codes(4, { grid: NF4 }) },
  '6 bits': { encoded: codes(6) },
  '3 bits': { encoded: codes(3) },
  'int8 inputs': {
    encoded: codes(8, { granularity: 'channel', groupSize: Infinity }),
    input: { kind: 'dynamic' },
  },
};

const TOKENS = [1, 128];

/** Every form, of one token (writing) and of many (reading). */
export const STORED_PRODUCTS = Object.keys(FORMS).flatMap((form) =>
  TOKENS.map((tokens) => ({ form, tokens, name: `${form}, ${tokens} ${tokens === 1 ? 'token' : 'tokens'}` })),
);

/** y = x·W, W [width, width] stored in that form. */
export function storedProduct(form: string, width: number): Model {
  const g = new GraphBuilder('product');
  const w = g.floats('w', [width, width], new Float32Array(width * width));
  const y = g.op('MatMul', [g.input('x', 'float32', ['n', width]), w]);
  g.output(y, 'float32', ['n', width], 'y');
  const layer: Layer = {
    ...{ name: 'w', output: 'y', weight: 'w', input: 'x', op: 'MatMul' },
    ...{ outFeatures: width, inFeatures: width, role: 'other', group: 'other', layout: 'in-out' },
  };
  const { encoded: shape, input } = FORMS[form];
  const whole = shape.kind === 'coded' && shape.groupSize === Infinity;
  const sized = whole ? { ...shape, groupSize: width } : shape;
  const encoded = sampleOf(sized, { rows: width, columns: width }, seededRandom(2, form));
  const model = g.finish({ opset: 21, irVersion: 10 });
  return writeEncodings(model, [{ layer, encoded, ...(input && { input }) }]).model;
}
