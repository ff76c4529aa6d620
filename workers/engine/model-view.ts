import { bytesByType, modelSize } from '../../src/core/report/size.ts';
import { dataTypeName } from '../../src/core/tensor/data-type.ts';
import { standardOpset } from '../../src/core/methods/export/choose-format.ts';
import { dataFile, readDataset, type OpenModel } from '../../src/engine/model/open.ts';
import type { DataSummary, ModelView, TensorView } from '../protocol.ts';

/** What the page shows of an open model. */
export async function modelView(open: OpenModel): Promise<ModelView> {
  const { model, anatomy, embedded } = open;
  const size = modelSize(model);
  const calibration = await dataSummary(open, 'calibration');
  const evaluation = await dataSummary(open, 'evaluation');
  return {
    name: open.name,
    origin: open.origin,
    sha256: open.sha256,
    bytes: open.bytes,
    parameters: size.parameters,
    bitsPerWeight: size.bitsPerWeight,
    bytesByType: bytesByType(open.model),
    nodes: model.graph.nodes.length,
    opset: standardOpset(model),
    anatomy,
    tensors: tensorViews(open),
    task: open.task,
    ...(open.labels && { labels: open.labels }),
    hasTokenizer: open.tokenizer !== undefined,
    data: { ...(calibration && { calibration }), ...(evaluation && { evaluation }) },
    ...(embedded && { recipe: embedded.recipe }),
    warnings: warningsOf(open),
  };
}

function tensorViews({ model, anatomy }: OpenModel): TensorView[] {
  const layerOf = new Map(anatomy.layers.map((layer, index) => [layer.weight, index]));
  return model.graph.initializers.map(({ name, dims, dataType, data }) => {
    const layer = layerOf.get(name);
    return {
      name,
      dims,
      dataType: dataTypeName(dataType) ?? String(dataType),
      bytes: data.byteLength,
      ...(layer !== undefined && { layer }),
    };
  });
}

async function dataSummary(
  open: OpenModel,
  purpose: 'calibration' | 'evaluation',
): Promise<DataSummary | undefined> {
  const file = dataFile(open.folder, purpose);
  if (file === undefined) return undefined;
  const dataset = await readDataset(file);
  return {
    name: dataset.name,
    bytes: file.source.byteLength,
    summary:
      dataset.kind === 'text'
        ? textSummary(open, dataset.documents)
        : `${dataset.count} examples${dataset.labels === undefined ? '' : ' with labels'}`,
  };
}

function textSummary({ tokenizer }: OpenModel, documents: readonly string[]): string {
  const texts = documents.length === 1 ? '1 text' : `${documents.length} texts`;
  if (tokenizer === undefined) return texts;
  const tokens = documents.reduce((sum, text) => sum + tokenizer.encode(text).length, 0);
  return `${texts}, ${tokens.toLocaleString('en')} tokens`;
}

function warningsOf({ task, tokenizer, folder }: OpenModel): string[] {
  const warnings: string[] = [];
  if (task === 'language-model' && tokenizer === undefined) {
    warnings.push(
      'There is no tokenizer.json beside this model, so its quality cannot be measured on text; drop the whole folder to measure it.',
    );
  }
  if (dataFile(folder, 'evaluation') === undefined) {
    warnings.push(
      'There is no evaluation data beside this model: scores are taken on made-up inputs and are called fidelity, not quality.',
    );
  }
  return warnings;
}
