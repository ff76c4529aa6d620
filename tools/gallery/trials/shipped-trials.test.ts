import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findSample, parseSampleIndex } from '../../../src/core/data/samples.ts';
import { readShipped, type ShippedTrials } from '../../../src/core/report/shipped.ts';
import { SAMPLES, sha256 } from '../../samples/shelf.ts';
import { comparable, measureShipped, openSample, shippedHost } from './measure-shipped.ts';
import { SHIPPED_RECIPES } from './recipes.ts';
import { showcaseOf } from './showcase.ts';

const read = (path: string) => new Uint8Array(readFileSync(join(SAMPLES, path)));
const text = (path: string) => readFileSync(join(SAMPLES, path), 'utf8');
const index = parseSampleIndex(JSON.parse(text('index.json')));

function shippedOf(name: string): ShippedTrials {
  return readShipped(JSON.parse(text(`${name}/trials.json`)));
}

describe.each(index.samples.map(({ name }) => name))('the trials shipped with %s', (name) => {
  const sample = findSample(index, name);
  const shipped = shippedOf(name);

  it('are listed, are of the recipes, and of the model and the data beside them', async () => {
    const bytes = read(`${name}/trials.json`);
    expect(sample.trials).toEqual({
      path: 'trials.json',
      bytes: bytes.length,
      sha256: sha256(bytes),
    });
    const model = sha256(read(`${name}/model.onnx`));
    expect(shipped.model).toEqual({ name, sha256: model });
    expect(shipped.trials.map(({ report }) => report.recipe)).toEqual(SHIPPED_RECIPES[name]);
    const evaluations = new Set(shipped.trials.map(({ report }) => report.evaluation?.sha256));
    expect(evaluations.size).toBe(1);
    for (const { report } of shipped.trials) {
      expect(report.inputSha256).toBe(model);
      expect(report.verified).toBe(true);
      expect(report.forecastBytes).toBe(report.after.bytes);
      expect(report.evaluation?.each?.compressed.length).toBeGreaterThan(50);
    }
    expect(new Set(shipped.trials.map(({ id }) => id)).size).toBe(shipped.trials.length);
  });

  it('are what the card of the sample shows', () => {
    const data = sample.files.find(({ path }) => path.startsWith('evaluation.'))?.path ?? '';
    const shown = showcaseOf(shipped, { name: data, bytes: read(`${name}/${data}`) });
    const { figures, frontier, thumbnail } = sample;
    expect({ figures, frontier, thumbnail }).toEqual(JSON.parse(JSON.stringify(shown)));
  });
});

it('the cheapest of them comes out the same when it is measured again', async () => {
  const shipped = shippedOf('digits');
  const open = await openSample('digits');
  const [first] = shipped.trials;
  const again = await measureShipped(shippedHost(1), open, first.report.recipe);
  const numbers = (trial: typeof first) => comparable({ ...shipped, trials: [trial] });
  expect(again.id).toBe(first.id);
  expect(again.report.outputSha256).toBe(first.report.outputSha256);
  expect(JSON.parse(JSON.stringify(numbers(again)))).toEqual(
    JSON.parse(JSON.stringify(numbers(first))),
  );
}, 120_000);
