/**
 * Run with `node --import tsx threads-child.ts THREADS`: quantizes a block whose products are large enough to be
 * shared out, and prints the written file's hash. The number of threads is fixed once per process.
 */
import type { ExampleDataset } from '../../src/core/data/types.ts';
import { bytesSource } from '../../src/core/onnx/source.ts';
import { writeModel } from '../../src/core/onnx/write.ts';
import { DataType } from '../../src/core/tensor/data-type.ts';
import { openModel } from '../../src/engine/model/open.ts';
import { languageModel } from '../../tools/bench/models.ts';
import { pinOf } from './pins/pin.ts';

const [ROWS, LENGTH, VOCABULARY] = [4, 128, 512];

function tokens(): ExampleDataset {
  const data = BigInt64Array.from({ length: ROWS * LENGTH }, (_, i) =>
    BigInt((i * i * 7 + 31 * i) % VOCABULARY),
  );
  const arrays = { input_ids: { dataType: DataType.int64, dims: [ROWS, LENGTH], data } };
  return { kind: 'examples', name: 'tokens', count: ROWS, arrays };
}

const model = languageModel({ width: 256, blocks: 1, vocabulary: VOCABULARY });
const files = [{ path: 'model.onnx', source: bytesSource(await writeModel(model)) }];
const open = await openModel({ name: 'block', origin: 'file', files });
const amount = { samples: ROWS, length: LENGTH };
const target = { all: true, except: ['embedding'] };
const steps = [{ method: 'gptq', options: { bits: 4, blockSize: 32 }, target }];
const recipe = { name: 'gptq', steps };
const pin = await pinOf(
  { name: 'block', open, data: tokens(), amount },
  recipe,
  Number(process.argv[2]),
);
console.log(typeof pin === 'string' ? pin : pin.file);
// Threads of the runtime would keep the process open.
process.exit();
