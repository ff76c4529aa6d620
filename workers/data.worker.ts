/** Reads the data of the open model on a thread of its own: whatever is in a file, all else goes on. */
import { expose } from 'comlink';
import { LatheError } from '../src/core/errors/lathe-error.ts';
import { openModel, type OpenModel } from '../src/engine/model/open.ts';
import { dataSummary } from './data/data-summary.ts';
import { installErrorCodec } from './errors.ts';
import { engineFolder } from './folder.ts';
import type { DataWorker } from './protocol.ts';

installErrorCodec();

let opened: Promise<OpenModel> | undefined;

const worker: DataWorker = {
  async open(folder, known) {
    opened = openModel(engineFolder(folder), known);
    await opened;
  },
  async summary(purpose, onProgress) {
    if (opened === undefined) throw new LatheError('no-model', 'No model is open; open one first.');
    return dataSummary(await opened, purpose, onProgress);
  },
};

expose(worker);
