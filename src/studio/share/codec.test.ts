import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Recipe } from '../../core/recipe/types.ts';
import { decodeShare, encodeShare } from './codec.ts';

const model = { origin: 'sample:stories', name: 'stories', sha256: 'ab' };
const recipe: Recipe = {
  version: 1,
  name: 'q4 – für alle',
  seed: 7,
  calibration: { data: 'calibration.txt', samples: 64, length: 256 },
  steps: [{ method: 'gptq', target: { all: true, except: ['embedding'] }, options: { bits: 4 } }],
};

it('brings a recipe and the model’s name back unchanged', async () => {
  const hash = await encodeShare(recipe, model);
  expect(hash).toMatch(/^#m=sample%3Astories&r=[\w-]+$/);
  expect(await decodeShare(hash)).toEqual({ origin: 'sample:stories', recipe });
});

it('round-trips any JSON options', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.string(), fc.string({ maxLength: 20 }), { maxKeys: 5 }),
      async (options) => {
        const any = { ...recipe, steps: [{ method: 'x', target: 'all' as const, options }] };
        const back = await decodeShare(await encodeShare(any, model));
        expect(back?.recipe).toEqual(JSON.parse(JSON.stringify(any)));
      },
    ),
    { numRuns: 30 },
  );
});

it('names a local file by name and hash, never by content', async () => {
  const shared = await decodeShare(await encodeShare(recipe, { ...model, origin: 'file' }));
  expect(shared).toMatchObject({ origin: 'file', modelName: 'stories', sha256: 'ab' });
});

it('ignores other fragments and refuses links that are cut', async () => {
  expect(await decodeShare('#section')).toBeUndefined();
  const hash = await encodeShare(recipe, model);
  await expect(decodeShare(hash.slice(0, -9))).rejects.toThrow(
    'This link holds a recipe that cannot be read; it was probably cut on its way. Ask for it again, or for the recipe as a file.',
  );
});

it('does not inflate without bound', async () => {
  const bomb = new Blob([new Uint8Array(1 << 20)])
    .stream()
    .pipeThrough(new CompressionStream('deflate-raw'));
  const bytes = Buffer.from(await new Response(bomb).arrayBuffer());
  await expect(decodeShare(`#r=${bytes.toString('base64url')}`)).rejects.toMatchObject({
    code: 'share-unreadable',
  });
});

it('refuses to make a link that chat programs would cut', async () => {
  const names = Array.from({ length: 2000 }, (_, at) => `layer.${(at * 2654435761) % 4294967296}`);
  const long = { ...recipe, steps: [{ method: 'gptq', target: { tensors: names }, options: {} }] };
  await expect(encodeShare(long, model)).rejects.toThrow(
    /^This recipe needs a link of \d+ characters, and links above 4096 get cut\. Save the recipe as a file and send that\.$/,
  );
});
