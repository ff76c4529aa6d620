import { standardOpset } from '../../src/core/encodings/index.ts';
import { findDuplicates } from '../../src/core/onnx/duplicates.ts';
import type { Tensor } from '../../src/core/onnx/types.ts';
import { bytesByType, modelSize } from '../../src/core/report/size.ts';
import { elementCount } from '../../src/core/tensor/data-type.ts';
import { dataFiles } from '../../src/engine/data/read.ts';
import { belongingWarnings } from '../../src/engine/model/belonging.ts';
import type { OpenModel } from '../../src/engine/model/open.ts';
import { bytesOfFiles, partFiles } from '../../src/engine/model/part-files.ts';
import type { ModelView, PartView } from '../protocol.ts';
import { dataGlance } from '../data/data-summary.ts';
import { weightViews } from '../weight-views.ts';

/** What the page shows of an open model. */
export async function modelView(open: OpenModel): Promise<ModelView> {
  const { model, anatomy, embedded } = open;
  const size = modelSize(model);
  const calibration = dataGlance(open.folder, 'calibration');
  const evaluation = dataGlance(open.folder, 'evaluation');
  return {
    name: open.name,
    origin: open.origin,
    part: open.part,
    parts: await partViews(open),
    sha256: open.sha256,
    bytes: open.bytes,
    parameters: size.parameters - (await repeated(open)),
    bitsPerWeight: size.bitsPerWeight,
    bytesByType: bytesByType(open.model),
    nodes: model.graph.nodes.length,
    opset: standardOpset(model),
    anatomy,
    ...weightViews(model, anatomy),
    task: open.task,
    taskReason: open.taskReason,
    tasks: open.tasks,
    ...(open.labels && { labels: open.labels }),
    hasTokenizer: open.tokenizer !== undefined,
    data: { ...(calibration && { calibration }), ...(evaluation && { evaluation }) },
    ...(embedded && { recipe: embedded.recipe }),
    ...(embedded?.report && { report: embedded.report }),
    warnings: [...(await belongingWarnings(open)), ...warningsOf(open)],
  };
}

async function partViews({ folder, parts }: OpenModel): Promise<PartView[]> {
  return Promise.all(
    parts.map(async (part) => ({ ...part, bytes: bytesOfFiles(await partFiles(folder, part)) })),
  );
}

/** Larger heads are not compared with the embedding: opening a model must not wait for it. */
const COMPARED_UP_TO = 1e8;

/** Elements that are stored and are no parameters of their own: a copy of the embedding, tables of angles. */
async function repeated(open: OpenModel): Promise<number> {
  const copies = await headCopies(open);
  return open.model.graph.initializers
    .filter((tensor) => copies.includes(tensor.name) || holdsAngles(open, tensor))
    .reduce((sum, { dims }) => sum + elementCount(dims), 0);
}

/** Weights of output heads that are the embedding once more, as it is or transposed. */
async function headCopies({ model, anatomy: { layers } }: OpenModel): Promise<string[]> {
  const ofRole = (role: string) =>
    layers.filter((layer) => layer.role === role).map(({ weight }) => weight);
  const embeddings = ofRole('embedding');
  const heads = ofRole('output-head').filter((weight) => !embeddings.includes(weight));
  const initializers = model.graph.initializers.filter(
    ({ name, data }) =>
      [...embeddings, ...heads].includes(name) && data.byteLength <= COMPARED_UP_TO,
  );
  const found = await findDuplicates({ ...model, graph: { ...model.graph, initializers } });
  const names = [...found.exact, ...found.transposed].flatMap((pair) => pair.names);
  return heads.filter((weight) => names.includes(weight));
}

/** Sines and cosines of rotary positions: as wide as a head or half of it, and in no layer. */
function holdsAngles({ anatomy }: OpenModel, { name, dims }: Tensor): boolean {
  if (anatomy.positions !== 'rotary' || dims.length < 2) return false;
  const widths = anatomy.blocks.flatMap(({ headSize = 0 }) => [headSize, headSize / 2]);
  return (
    widths.includes(dims[dims.length - 1]) && !anatomy.layers.some(({ weight }) => weight === name)
  );
}

function warningsOf({ task, tokenizer, folder, opened }: OpenModel): string[] {
  const warnings: string[] = [...opened];
  const reads = task === 'language-model' || task === 'sequence-to-sequence';
  if (reads && tokenizer === undefined) {
    warnings.push(
      'There is no tokenizer.json beside this model, so its quality cannot be measured on text; drop the whole folder to measure it.',
    );
  }
  if (dataFiles(folder, 'evaluation').length === 0) {
    warnings.push(
      'There is no evaluation data beside this model: scores are taken on made-up inputs and are called fidelity, not quality.',
    );
  }
  return warnings;
}
