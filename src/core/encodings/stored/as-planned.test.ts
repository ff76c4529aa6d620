import { expect, it } from 'vitest';
import { codes, METHODS, SHAPE } from '../../../../test/fixtures/encodings/methods.ts';
import { oneLayerModel } from '../../../../test/fixtures/methods/models.ts';
import { allMetas } from '../../methods/catalog.ts';
import { methodById } from '../../methods/registry.ts';
import { isRefusal } from '../../methods/site.ts';
import { seededRandom } from '../../random/seeded.ts';
import {
  decodedValues,
  decodeWeight,
  requireKind,
  storedWeightOf,
  writeEncodings,
  type Coded,
} from '../index.ts';
import { sampleOf } from '../sample.ts';
import { readAsPlanned } from './as-planned.ts';

const { model, layer } = oneLayerModel('MatMul', SHAPE.rows, SHAPE.columns, { opset: 21 });

async function roundTrip(planned: Coded, asked: Coded = planned) {
  const encoded = requireKind(sampleOf(planned, SHAPE, seededRandom(3, 'as planned')), 'coded');
  const file = writeEncodings(model, [{ layer, encoded }]).model;
  const stored = storedWeightOf(file, layer);
  if (stored === undefined) throw new Error('nothing is stored');
  const values = await decodedValues(stored);
  expect(values).toEqual(decodeWeight(encoded, SHAPE.rows, SHAPE.columns));
  return { encoded, read: await readAsPlanned(file.graph, stored, asked, values) };
}

/** The forms of all methods that store codes, at every width they have. */
const FORMS = allMetas().flatMap(({ id, title }) => {
  const { encoder, meta } = methodById(id);
  if (encoder === undefined || meta.pictures !== 'weight') return [];
  return [2, 3, 4, 5, 8].flatMap((bits): [string, Coded][] => {
    const options = meta.options.safeParse({ bits });
    const form = options.success ? encoder.form(layer, options.data, model) : undefined;
    return form && !isRefusal(form) && form.kind === 'coded'
      ? [[`${title}, ${bits} bits`, form]]
      : [];
  });
});

it.each(FORMS)('%s: scales and zeros are found again in the file', async (_, planned) => {
  const { encoded, read } = await roundTrip(planned);
  expect(read).toBeDefined();
  expect(read?.scales).toEqual(encoded.scales);
  expect(read?.zeros).toEqual(encoded.zeros);
});

it('one scale for everything is found, too', async () => {
  const { encoded, read } = await roundTrip(codes(3, 'tensor'));
  expect(read?.scales).toEqual(encoded.scales);
});

it('a file that holds another form is not taken for the planned one', async () => {
  const planned = codes(3, 16);
  expect((await roundTrip(planned, codes(3, 32))).read).toBeUndefined();
  expect((await roundTrip(planned, codes(2, 16))).read).toBeUndefined();
});

it.each(['k-means, one table per row', 'NF4, double quantization', 'a table with zeros'])(
  'tables are found with their codes: %s',
  async (name) => {
    const planned = METHODS[name];
    if (planned.kind !== 'coded') throw new Error(`${name} holds no codes`);
    const { encoded, read } = await roundTrip(planned);
    expect(read?.grid).toEqual(encoded.grid);
    expect(read?.scales).toEqual(encoded.scales);
    expect(read?.zeros).toEqual(encoded.zeros);
  },
);
