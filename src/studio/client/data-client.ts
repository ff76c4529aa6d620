import * as Comlink from 'comlink';
import type {
  DataPurpose,
  DataSummary,
  DataWorker,
  ModelFolder,
} from '../../../workers/protocol.ts';
import { ThreadLink, type Spawn } from '../../../workers/thread-link.ts';
import { workerFailed } from './worker-failed.ts';

/** Reads data on a thread that is made for one reading and ended after it: memory of large files goes with it. */
export class DataClient {
  private readonly live = new Set<ThreadLink<DataWorker>>();

  constructor(private readonly spawn: Spawn) {}

  /** What the folder holds for a purpose. Rejects with what is wrong with it, or when cancelled. */
  async summary(
    folder: ModelFolder,
    sha256: string,
    purpose: DataPurpose,
    onProgress: (fraction: number) => void,
  ): Promise<DataSummary | undefined> {
    const link = new ThreadLink<DataWorker>({
      spawn: this.spawn,
      failed: workerFailed('reading of data'),
    });
    this.live.add(link);
    try {
      return await link.call(async (worker) => {
        await worker.open(folder, { sha256 });
        return worker.summary(purpose, Comlink.proxy(onProgress));
      });
    } finally {
      link.end();
      this.live.delete(link);
    }
  }

  /** Ends every reading at once, wherever it is. */
  cancel(): void {
    for (const link of this.live) link.end();
  }
}
