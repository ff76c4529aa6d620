import { describe, expect, it } from 'vitest';
import { speechPairs, tinyPairFolder } from '../../../test/support/tiny-pair.ts';
import type { Part } from '../../../test/fixtures/encoder-decoder.ts';
import { generate } from '../../runtime/generate.ts';
import { createNodeRuntime } from '../../runtime/ort-node.ts';
import { openModel } from '../model/open.ts';
import { dataSources } from './pairs.ts';
import { readerFor, sourceOf, withWriter, writeTarget, writing } from './write.ts';

const runtime = await createNodeRuntime({ threads: 1 });
const PARTS: readonly Part[] = ['encoder', 'decoder', 'decoder-with-past'];

async function written(source: 'text' | 'speech', opened: Part, parts = PARTS) {
  const open = await openModel(await tinyPairFolder({ source, opened, parts }));
  const [read] =
    source === 'text'
      ? [await sourceOf(open, 'w5 w9 w3')]
      : await dataSources(open, speechPairs(1, 4), 1);
  return withWriter(open, runtime, async (writer) => ({
    text: await writeTarget(open, writer, read, { tokens: 12 }),
    steps: await (async () => {
      const { prompt, options } = await writing(open, 12);
      return generate(await readerFor(writer, read), prompt, { ...options, stop: [] });
    })(),
  }));
}

describe('what an encoder-decoder writes', () => {
  it.each(['text', 'speech'] as const)(
    'of %s is the same with the cache as when all is read again, from whichever part',
    async (source) => {
      const again = await written(source, 'decoder', ['encoder', 'decoder']);
      expect(again.steps).toHaveLength(12);
      expect(again.text).toMatch(/^(w\d+ ?)*$/);
      for (const part of PARTS) {
        const found = await written(source, part);
        expect(found.text).toBe(again.text);
        expect(found.steps.map(({ id }) => id)).toEqual(again.steps.map(({ id }) => id));
        found.steps.forEach(({ probability }, t) => {
          expect(probability).toBeCloseTo(again.steps[t].probability, 5);
        });
      }
    },
  );

  it('ends where the decoder has no more positions', async () => {
    const open = await openModel(await tinyPairFolder({ source: 'speech', opened: 'decoder' }));
    expect((await writing(open, 400)).options.tokens).toBe(23);
  });

  it('needs both sides', async () => {
    await expect(written('text', 'decoder', ['decoder'])).rejects.toThrow(
      'The decoder "onnx/decoder_model.onnx" reads what an encoder made of the source, and there is no encoder beside it',
    );
  });
});
