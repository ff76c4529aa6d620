import { expect, it } from 'vitest';
import { buildGpt2, type Gpt2Config } from '../../../../../test/fixtures/layouts/gpt2.ts';
import { layoutFixtures } from '../../../../../test/fixtures/layouts/all.ts';
import { feedsOf } from '../../../../../test/support/layout-feeds.ts';
import { distance, runModel } from '../../../../../test/support/run-model.ts';
import { recognise } from '../../../anatomy/recognise.ts';
import { encodedLength } from '../../../onnx/write.ts';
import type { Model } from '../../../onnx/types.ts';
import { readWeight } from '../../weight.ts';
import { madeBy } from '../testing.ts';
import { tieEmbedding } from './tie-embedding.ts';

const build = (head: Gpt2Config['head']) =>
  buildGpt2({ linear: 'gemm', norm: 'operator', head, opset: 17 });
const logitsOf = async (model: Model) =>
  (await runModel(model, feedsOf(model, layoutFixtures[0].feeds))).get('logits');

async function tablesOf(model: Model) {
  const { layers } = recognise(model);
  const own = layers.filter(({ role }) => role === 'embedding' || role === 'output-head');
  return Promise.all(own.map(async (layer) => (await readWeight(model, layer)).values));
}

it('changes nothing where the head is a copy of the embedding', async () => {
  const model = build('copy');
  for (const values of ['average', 'embedding', 'head'] as const) {
    const { model: tied } = await madeBy(tieEmbedding, model, { values });
    expect(distance(await logitsOf(tied), await logitsOf(model))).toBe(0);
    expect(encodedLength(model) - encodedLength(tied)).toBeGreaterThan(0.9 * 4 * 40 * 16);
  }
});

it('gives both the mean, the embedding or the head where they differ', async () => {
  const model = build('own');
  const [embedding, head] = await tablesOf(model);
  const wanted = {
    average: embedding.map((value, i) => (value + head[i]) / 2),
    embedding,
    head,
  };
  for (const values of ['average', 'embedding', 'head'] as const) {
    const { model: tied, plan } = await madeBy(tieEmbedding, model, { values });
    const both = await tablesOf(tied);
    expect(both).toEqual([wanted[values], wanted[values]]);
    expect(encodedLength(tied)).toBe(encodedLength(plan.model));
    expect(plan.lines.map(({ bytesAfter }) => bytesAfter)).toEqual([4 * 40 * 16, 0]);
    expect(distance(await logitsOf(tied), await logitsOf(model))).toBeGreaterThan(1e-3);
  }
});

it('says that it is tied, that there is no table, or that it has another shape', async () => {
  const reasons = async (model: Model) =>
    (await madeBy(tieEmbedding, model, { values: 'average' })).plan.skipped.map(
      ({ reason }) => reason,
    );
  const tied = build('transpose');
  const [head] = recognise(tied).layers.filter(({ role }) => role === 'output-head');
  expect(await reasons(tied)).toEqual([
    `"${head.name}" reads the embedding "transformer.wte.weight" already, so there is nothing to tie.`,
  ]);
  const vit = layoutFixtures.find(({ name }) => name === 'vit plain, opset 17')?.model() ?? tied;
  const [classes] = recognise(vit).layers.filter(({ role }) => role === 'output-head');
  expect(await reasons(vit)).toEqual([
    `The model has no embedding that the output head "${classes.name}" could read.`,
  ]);
  const bert = layoutFixtures.find(({ name }) => name === 'bert plain, opset 18')?.model() ?? tied;
  const { layers } = recognise(bert);
  const [scores] = layers.filter(({ role }) => role === 'output-head');
  const [words] = layers.filter(({ role }) => role === 'embedding');
  const shape = `${scores.outFeatures} × ${scores.inFeatures}`;
  expect(await reasons(bert)).toEqual([
    `The output head "${scores.name}" is ${shape} and the embedding "${words.name}" ${words.outFeatures} × ${words.inFeatures}, so it cannot read it.`,
  ]);
});
