import { expect, it } from 'vitest';
import { oneLayerModel, randomFloats } from '../../../test/fixtures/methods/models.ts';
import { addBeside, decodeWeight, type Product } from '../encodings/index.ts';
import { DataType } from '../tensor/data-type.ts';
import { findAdapters } from './find.ts';
import { peftFiles } from './peft.ts';
import { stackedAdapters } from './stack.ts';

const [rows, columns] = [6, 10];
const { model, layer } = oneLayerModel('MatMul', rows, columns);

function adapter(rank: number, dataType: number): Product {
  const values = (count: number, seed: number) =>
    randomFloats(count, seed).map((v) => Math.round(v * 8) / 8);
  return {
    ...{ kind: 'product', rank, adapter: true },
    left: { kind: 'plain', dataType, values: values(rows * rank, rank) },
    right: { kind: 'plain', dataType, values: values(rank * columns, rank + 1) },
  };
}

it('two adapters beside a layer are found, and written as the one they add up to', async () => {
  const [first, second] = [adapter(2, DataType.float16), adapter(3, DataType.float32)];
  const once = addBeside(model, [{ layer, encoded: first }]).model;
  const twice = addBeside(once, [{ layer, encoded: second }]).model;
  const found = await findAdapters(twice);
  expect(found.map(({ module, a }) => [module, a.dims])).toEqual([
    ['w', [columns, 2]],
    ['w', [columns, 3]],
  ]);
  const scaled = found.map((one, i) => ({ ...one, scale: i === 0 ? 1 : 2 }));
  const [{ a, b, ...sizes }, ...more] = await stackedAdapters(scaled);
  expect(more).toEqual([]);
  expect(sizes).toMatchObject({ module: 'w', rank: 5, scale: 1 });
  const sum: Product = {
    ...{ kind: 'product', rank: 5 },
    left: { kind: 'plain', dataType: DataType.float32, values: b },
    right: { kind: 'plain', dataType: DataType.float32, values: a },
  };
  const [one, other] = [first, second].map((each) => decodeWeight(each, rows, columns));
  // Eighths: every sum is exact.
  expect(decodeWeight(sum, rows, columns)).toEqual(one.map((value, i) => value + 2 * other[i]));
  const { config } = await peftFiles(twice, 'base', 'CAUSAL_LM');
  expect(JSON.parse(config)).toMatchObject({ r: 5, lora_alpha: 5, target_modules: ['w'] });
});
