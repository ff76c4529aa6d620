import type {
  ClipCurve,
  ClipRequest,
  Glance,
  ModelFolder,
  Preview,
  PreviewRequest,
  PreviewWorker,
  Spectrum,
} from '../../../workers/protocol.ts';
import { ThreadLink, type Spawn } from '../../../workers/thread-link.ts';
import { latestOnly } from './latest-only.ts';
import { workerFailed } from './worker-failed.ts';

export type PreviewQuestion = Omit<PreviewRequest, 'sequence'>;

/** Pictures of one tensor, from a thread of their own; the newest question wins. */
export class PreviewClient {
  private readonly link: ThreadLink<PreviewWorker>;
  private folder: ModelFolder | undefined;
  private sequence = 0;

  readonly preview: (question: PreviewQuestion) => Promise<Preview | undefined>;

  /** Error against clip; `undefined` when overtaken, and where there is no grid. */
  readonly clipCurve: (request: ClipRequest) => Promise<ClipCurve | undefined>;

  constructor(spawn: Spawn) {
    this.link = new ThreadLink<PreviewWorker>({
      spawn,
      failed: workerFailed('preview'),
      onStart: async (worker) => {
        if (this.folder !== undefined) await worker.open(this.folder);
      },
    });
    this.preview = latestOnly((question) => {
      const request = { ...question, sequence: (this.sequence += 1) };
      return this.link.call((worker) => worker.preview(request));
    });
    this.clipCurve = latestOnly((request) => this.link.call((worker) => worker.clipCurve(request)));
  }

  /** Starts the thread, so that the first question finds it there. */
  warm(): void {
    void this.link.ready().catch(() => undefined);
  }

  /** Singular values of a weight, and of what is made of it. */
  spectrum(question: PreviewQuestion): Promise<Spectrum> {
    return this.link.call((worker) => worker.spectrum(question));
  }

  /** What shapes alone say of a model, open or not. */
  glance(folder: ModelFolder): Promise<Glance> {
    return this.link.call((worker) => worker.glance(folder));
  }

  /** A failed opening is reported here and by every preview after it. */
  open(folder: ModelFolder): Promise<void> {
    this.folder = folder;
    const opening = this.link.renew();
    // Nobody has to wait for it.
    opening.catch(() => undefined);
    return opening;
  }
}
