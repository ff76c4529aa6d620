import type { DataPurpose, DataSummary, DataWorker } from '../../../workers/protocol.ts';

/** Reads nothing, and says so with made-up numbers. */
export class FakeData implements DataWorker {
  open(): Promise<void> {
    return Promise.resolve();
  }

  summary(purpose: DataPurpose): Promise<DataSummary> {
    return Promise.resolve({ name: `${purpose}.txt`, bytes: 31_044, summary: '60 texts' });
  }
}
