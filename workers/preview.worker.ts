/** Pictures of single tensors, on a thread of its own so that they stay instant while a job runs. */
import { expose, transfer } from 'comlink';
import { recognise } from '../src/core/anatomy/recognise.ts';
import type { Layer } from '../src/core/anatomy/types.ts';
import { LatheError } from '../src/core/errors/lathe-error.ts';
import type { LayerWeight } from '../src/core/methods/contract.ts';
import { readWeight } from '../src/core/methods/weight.ts';
import { readModel } from '../src/core/onnx/read.ts';
import type { Model } from '../src/core/onnx/types.ts';
import { externalResolver, modelFile } from '../src/engine/model/folder.ts';
import { installErrorCodec } from './errors.ts';
import { engineFolder } from './folder.ts';
import { heatGrid, pictureOf } from './preview/pictures.ts';
import { previewLayer } from './preview/preview.ts';
import type { Preview, PreviewRequest, PreviewWorker, TensorPicture } from './protocol.ts';

installErrorCodec();

let opened: { readonly model: Model; readonly layers: readonly Layer[] } | undefined;
/** The layer on screen stays decoded: a slider asks about the same one sixty times a second. */
let decoded: LayerWeight | undefined;
let original: { readonly key: string; readonly picture: TensorPicture } | undefined;
let newest = 0;

async function weightOf(name: string): Promise<LayerWeight> {
  if (decoded?.layer.name === name) return decoded;
  const layer = opened?.layers.find((candidate) => candidate.name === name);
  if (opened === undefined || layer === undefined) {
    throw new LatheError('layer-unknown', `The open model has no layer "${name}"; choose another.`);
  }
  decoded = await readWeight(opened.model, layer);
  return decoded;
}

function beforePicture(weight: LayerWeight, { layer, cells, bins }: PreviewRequest) {
  return (range: { minimum: number; maximum: number }): TensorPicture => {
    const key = `${layer} ${cells} ${bins}`;
    if (original?.key !== key) {
      const { outFeatures, inFeatures } = weight.layer;
      const grid = heatGrid(outFeatures, inFeatures, cells);
      original = { key, picture: pictureOf(weight.values, grid, range, bins) };
    }
    return original.picture;
  };
}

const worker: PreviewWorker = {
  async open(folder) {
    const files = engineFolder(folder);
    const file = modelFile(files);
    const model = await readModel(file.source, { external: externalResolver(files, file) });
    opened = { model, layers: recognise(model).layers };
    decoded = undefined;
    original = undefined;
  },
  async preview(request) {
    newest = Math.max(newest, request.sequence);
    const start = performance.now();
    const weight = await weightOf(request.layer);
    // Asked again meanwhile: the older question is dropped unanswered.
    if (request.sequence < newest) return undefined;
    const shown = await previewLayer(weight, request, beforePicture(weight, request));
    const preview: Preview = { ...shown, milliseconds: performance.now() - start };
    const { heat, histogram } = preview.after;
    return transfer(preview, [heat.buffer, histogram.buffer]);
  },
};

expose(worker);
