/** Pictures of single tensors, on a thread of its own so that they stay instant while a job runs. */
import { expose, transfer } from 'comlink';
import { recogniseStored } from '../src/core/anatomy/recognise-stored.ts';
import type { Layer } from '../src/core/anatomy/types.ts';
import { LatheError } from '../src/core/errors/lathe-error.ts';
import { readWeight } from '../src/core/methods/weight.ts';
import { openGraph } from '../src/core/onnx/prepare/open-graph.ts';
import { readModel } from '../src/core/onnx/read.ts';
import type { Model } from '../src/core/onnx/types.ts';
import { externalResolver, modelFile } from '../src/engine/model/folder.ts';
import { breathe } from '../src/runtime/breathe.ts';
import { installErrorCodec } from './errors.ts';
import { engineFolder } from './folder.ts';
import { glanceAt } from './preview/glance.ts';
import { subjectOf, type Subject } from './preview/pictures.ts';
import { previewLayer } from './preview/preview.ts';
import type { Preview, PreviewRequest, PreviewWorker } from './protocol.ts';

installErrorCodec();

let opened: { readonly model: Model; readonly layers: readonly Layer[] } | undefined;
/** The layer on screen stays decoded: a slider asks about the same one sixty times a second. */
let onScreen: { readonly key: string; readonly subject: Subject } | undefined;
let newest = 0;

async function subjectFor({ layer: name, cells, bins }: PreviewRequest): Promise<Subject> {
  const key = JSON.stringify([name, cells, bins]);
  if (onScreen?.key === key) return onScreen.subject;
  const model = opened?.model;
  const layer = opened?.layers.find((candidate) => candidate.name === name);
  if (model === undefined || layer === undefined) {
    throw new LatheError('layer-unknown', `The open model has no layer "${name}"; choose another.`);
  }
  // The one before goes first: two large layers need not be in memory together.
  onScreen = undefined;
  const subject = subjectOf(model, await readWeight(model, layer), cells, bins);
  if (opened?.model === model) onScreen = { key, subject };
  return subject;
}

const worker: PreviewWorker = {
  glance: (folder) => glanceAt(engineFolder(folder)),
  async open(folder) {
    const files = engineFolder(folder);
    const file = modelFile(files);
    const stored = await readModel(file.source, { external: externalResolver(files, file) });
    const { model } = await openGraph(stored);
    opened = { model, layers: (await recogniseStored(model)).layers };
    onScreen = undefined;
  },
  async preview(request) {
    newest = Math.max(newest, request.sequence);
    const start = performance.now();
    await breathe();
    // Asked again meanwhile: the older question is dropped unanswered.
    if (request.sequence < newest) return undefined;
    const subject = await subjectFor(request);
    if (request.sequence < newest) return undefined;
    const shown = await previewLayer(subject, request);
    const preview: Preview = { ...shown, milliseconds: performance.now() - start };
    const { heat, histogram } = preview.after;
    return transfer(preview, [heat.buffer, histogram.buffer]);
  },
};

expose(worker);
