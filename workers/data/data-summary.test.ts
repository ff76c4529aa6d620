import { describe, expect, it } from 'vitest';
import { sampleModel } from '../../test/support/sample.ts';
import { tinyPairFolder } from '../../test/support/tiny-pair.ts';
import { bytesSource } from '../../src/core/onnx/source.ts';
import { openModel } from '../../src/engine/model/open.ts';
import type { ModelFolder } from '../../src/engine/model/types.ts';
import { dataSummary } from './data-summary.ts';

function withText(folder: ModelFolder, path: string, text: string): ModelFolder {
  const source = bytesSource(new TextEncoder().encode(text));
  const files = folder.files.filter((file) => !/(^|\/)(evaluation|calibration)\./.test(file.path));
  return { ...folder, files: [...files, { path, source }] };
}

const problemOf = async (folder: ModelFolder) =>
  (await dataSummary(await openModel(folder), 'evaluation'))?.problem;

describe('data that no run could use', () => {
  it('is told when texts come without a tokenizer', async () => {
    const stories = withText(await sampleModel('stories'), 'evaluation.txt', 'Once upon a time.');
    expect(await problemOf(stories)).toBeUndefined();
    const files = stories.files.filter(({ path }) => !path.endsWith('tokenizer.json'));
    expect(await problemOf({ ...stories, files })).toMatch(
      /^The model "\w+" came without a tokenizer\.json, so text cannot be turned into its tokens;/,
    );
  });

  it('is told when pairs come to a decoder without its encoder', async () => {
    const whole = await tinyPairFolder({ source: 'text', opened: 'decoder' });
    const folder = withText(whole, 'evaluation.tsv', 'source\ttarget\na b\tb a\n');
    expect(await problemOf(folder)).toBeUndefined();
    const files = folder.files.filter(({ path }) => !path.includes('encoder_model'));
    expect(await problemOf({ ...folder, files })).toMatch(
      /^The decoder "[^"]+" reads what an encoder made of the source, and there is no encoder beside it;/,
    );
  });
});

it('counts what the model will answer: lines of a text for a classifier, documents for one that goes on', async () => {
  const text = 'You have won a prize.\nThe meeting is at noon.\n\nSee you.\n';
  const summaryOf = async (name: string) =>
    (
      await dataSummary(
        await openModel(withText(await sampleModel(name), 'evaluation.txt', text)),
        'evaluation',
      )
    )?.summary;
  expect(await summaryOf('mail')).toMatch(/^3 texts/);
  expect(await summaryOf('stories')).toMatch(/^1 text,/);
});
