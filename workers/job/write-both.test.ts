import { describe, expect, it } from 'vitest';
import { tinyPairFolder } from '../../test/support/tiny-pair.ts';
import { sourceOf, withWriter, writeTarget } from '../../src/engine/encoder-decoder/write.ts';
import { openModel } from '../../src/engine/model/open.ts';
import { createNodeRuntime } from '../../src/runtime/ort-node.ts';
import { SiblingSessions } from './sibling-sessions.ts';
import { writeBoth } from './try-it.ts';

const runtime = await createNodeRuntime({ threads: 1 });

describe('trying an encoder-decoder', () => {
  it.each(['encoder', 'decoder', 'decoder-with-past'] as const)(
    'opened at its %s writes what both models make of a source',
    async (part) => {
      const open = await openModel(await tinyPairFolder({ source: 'text', opened: part }));
      const others = new SiblingSessions(() => Promise.resolve(runtime));
      const siblings = await others.of(open);
      expect(await others.of(open)).toBe(siblings);
      const session = await runtime.open(open.model);
      const pair = { left: session, right: session };
      const found = await writeBoth(open, pair, siblings, 'w5 w9 w3', 8);
      const text = found.original.map((step) => step.text).join('');
      const read = await sourceOf(open, 'w5 w9 w3');
      const options = { tokens: 8 };
      const expected = await withWriter(open, runtime, (w) => writeTarget(open, w, read, options));
      expect(text).toBe(expected);
      expect(found.prompt).toEqual([]);
      expect(found.compressed.map(({ id, kl }) => [id, kl])).toEqual(
        found.original.map(({ id }) => [id, 0]),
      );
      await expect(writeBoth(open, pair, siblings, ' ', 8)).rejects.toThrow(
        'There is no source text; type one to see what becomes of it.',
      );
    },
  );
});
