/** Pictures of single tensors, on a thread of its own so that they stay instant while a job runs. */
import { expose, transfer } from 'comlink';
import { openGraph } from '../src/core/onnx/prepare/open-graph.ts';
import { readModel } from '../src/core/onnx/read.ts';
import { LatheError } from '../src/core/errors/lathe-error.ts';
import { externalResolver, modelFile } from '../src/engine/model/folder.ts';
import { breathe } from '../src/runtime/breathe.ts';
import { installErrorCodec } from './errors.ts';
import { engineFolder } from './folder.ts';
import { clipCurve } from './preview/clip-curve.ts';
import { Desk } from './preview/desk.ts';
import { glanceAt } from './preview/glance.ts';
import { previewLayer } from './preview/preview.ts';
import { spectrumOf } from './preview/spectrum.ts';
import type { Preview, PreviewRequest, PreviewWorker } from './protocol.ts';

installErrorCodec();

let desk: Desk | undefined;
let newest = 0;

function opened({ layer }: Pick<PreviewRequest, 'layer'>): Desk {
  if (desk !== undefined) return desk;
  throw new LatheError('layer-unknown', `No model is open that has a layer "${layer}".`);
}

const worker: PreviewWorker = {
  glance: (folder) => glanceAt(engineFolder(folder)),
  async open(folder) {
    const files = engineFolder(folder);
    const file = modelFile(files);
    const stored = await readModel(file.source, { external: externalResolver(files, file) });
    desk = await Desk.of((await openGraph(stored)).model);
  },
  async preview(request) {
    newest = Math.max(newest, request.sequence);
    const start = performance.now();
    await breathe();
    // Asked again meanwhile: the older question is dropped unanswered.
    const overtaken = (): boolean => request.sequence < newest;
    if (overtaken()) return undefined;
    const own = opened(request);
    const subject = await own.subject(request);
    if (overtaken()) return undefined;
    const outcome = await own.outcome(subject, request);
    if (overtaken()) return undefined;
    const shown = previewLayer(subject, outcome, request);
    const preview: Preview = { ...shown, milliseconds: performance.now() - start };
    return transfer(preview, [preview.before.crop.buffer, ...buffersOf(preview.after)]);
  },
  async spectrum(request) {
    const own = opened(request);
    const subject = await own.subject(request);
    const outcome = await own.outcome(subject, request);
    return { layer: request.layer, ...spectrumOf(subject, outcome) };
  },
  async clipCurve({ importance, ...request }) {
    const own = opened(request);
    const subject = await own.subject(request);
    const outcome = await own.outcome(subject, request);
    const curve = clipCurve(subject, outcome, request.entry, importance);
    return curve && { layer: request.layer, ...curve };
  },
};

/** What was made for this answer alone; the rest is kept and copied. */
function buffersOf(after: Preview['after']): ArrayBufferLike[] {
  return after === undefined ? [] : [after.crop.buffer];
}

expose(worker);
