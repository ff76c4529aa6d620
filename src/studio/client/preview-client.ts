import type {
  ModelFolder,
  Preview,
  PreviewRequest,
  PreviewWorker,
} from '../../../workers/protocol.ts';
import { latestOnly } from './latest-only.ts';
import { WorkerLink, type Spawn } from './worker-link.ts';

export type PreviewQuestion = Omit<PreviewRequest, 'sequence'>;

/** Pictures of one tensor, from a thread of their own; the newest question wins. */
export class PreviewClient {
  private readonly link: WorkerLink<PreviewWorker>;
  private folder: ModelFolder | undefined;
  private opening: Promise<void> = Promise.resolve();
  private openedIn = 0;
  private sequence = 0;

  readonly preview: (question: PreviewQuestion) => Promise<Preview | undefined>;

  constructor(spawn: Spawn) {
    this.link = new WorkerLink<PreviewWorker>(spawn, 'preview');
    this.preview = latestOnly(async (question) => {
      await this.ready();
      const request = { ...question, sequence: (this.sequence += 1) };
      return this.link.call((worker) => worker.preview(request));
    });
  }

  open(folder: ModelFolder): Promise<void> {
    this.folder = folder;
    this.openedIn = this.link.generation;
    this.opening = this.link.call((worker) => worker.open(folder));
    // The first preview reports a failed opening; nobody else waits for this promise.
    this.opening.catch(() => undefined);
    return this.opening;
  }

  private async ready(): Promise<void> {
    const lost = this.openedIn !== this.link.generation;
    await (lost && this.folder !== undefined ? this.open(this.folder) : this.opening);
  }
}
