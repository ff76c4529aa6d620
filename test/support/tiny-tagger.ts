import { GraphBuilder } from '../../src/core/onnx/build/graph-builder.ts';
import { bytesSource } from '../../src/core/onnx/source.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import { writeModel } from '../../src/core/onnx/write.ts';
import { normal, seededRandom } from '../../src/core/random/seeded.ts';
import type { ModelFolder } from '../../src/engine/model/folder.ts';

export const TAGS = ['O', 'B-PER', 'I-PER'];

const VOCABULARY = 24;
const WIDTH = 8;

/** A token classifier that sees one token at a time: table → linear → ReLU → linear, padding silenced. */
export function taggerModel(seed = 1): Model {
  const random = seededRandom(seed, 'tagger');
  const g = new GraphBuilder('tagger');
  const weights = (name: string, rows: number, columns: number) =>
    g.floats(
      name,
      [rows, columns],
      Float32Array.from({ length: rows * columns }, () => normal(random) / Math.sqrt(rows)),
    );
  const ids = g.input('input_ids', 'int64', ['batch', 'sequence']);
  const mask = g.input('attention_mask', 'int64', ['batch', 'sequence']);
  const looked = g.op('Gather', [weights('words', VOCABULARY, WIDTH), ids]);
  const counted = g.op('Unsqueeze', [g.op('Cast', [mask], { to: 1 }), g.integers('last', [-1])]);
  const hidden = g.op('MatMul', [g.op('Mul', [looked, counted]), weights('dense', WIDTH, WIDTH)]);
  const scores = g.op('MatMul', [g.op('Relu', [hidden]), weights('head', WIDTH, TAGS.length)]);
  g.output(scores, 'float32', ['batch', 'sequence', TAGS.length], 'logits');
  return g.finish();
}

export async function taggerFolder(): Promise<ModelFolder> {
  const config = {
    architectures: ['TinyForTokenClassification'],
    id2label: Object.fromEntries(TAGS.map((tag, index) => [index, tag])),
  };
  const file = (path: string, bytes: Uint8Array) => ({ path, source: bytesSource(bytes) });
  return {
    name: 'tagger',
    origin: 'file',
    files: [
      file('model.onnx', await writeModel(taggerModel())),
      file('config.json', new TextEncoder().encode(JSON.stringify(config))),
    ],
  };
}

/** Lines of tokens of different lengths, a third of the words of each kind; the first has no label. */
export function taggedLines(count: number, seed = 1): string {
  const random = seededRandom(seed, 'tags');
  return Array.from({ length: count }, () => {
    const ids = Array.from({ length: 3 + Math.floor(random.next() * 5) }, () =>
      Math.floor(random.next() * VOCABULARY),
    );
    const labels = ids.map((id, at) => (at === 0 ? -100 : id % 3));
    return JSON.stringify({ input_ids: ids, labels });
  }).join('\n');
}
