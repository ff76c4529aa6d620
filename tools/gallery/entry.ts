import type { Sample } from '../../src/core/data/samples.ts';
import type { Metric } from '../../src/core/metrics/types.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import type { Content } from '../samples/shelf.ts';
import type { Keep, TrainingConfig, TrainingData, TrainingRecord } from './trainer-contract.ts';

/** What a simple method reaches on the same evaluation. */
export interface Baseline {
  readonly name: string;
  readonly metric: Metric;
}

/** What must hold for the model to be shipped, in a sentence with the numbers. */
export interface Verdict {
  readonly met: boolean;
  readonly sentence: string;
}

export interface Result {
  /** Of the file as shipped. */
  readonly figure: Metric;
  readonly baselines: readonly Baseline[];
  readonly record: TrainingRecord;
  /** What storing the weights as float16 changed, where that is done. */
  readonly beforeStorage?: Metric;
}

/** A model of the gallery, its data read and cut, ready to be trained. */
export interface Prepared {
  readonly initial: Model;
  readonly config: TrainingConfig;
  readonly data: TrainingData;
  /** Least loss unless stated. */
  readonly keep?: Keep;
  /** One line for each kind of data: what was cut how. */
  readonly facts: readonly string[];
  readonly baselines: () => readonly Baseline[];
  /** Measures a written model on the evaluation data that is shipped. */
  readonly measure: (model: Uint8Array) => Promise<Metric>;
  readonly judge: (figure: Metric, baselines: readonly Baseline[]) => Verdict;
  /** Store matrices as float16 with a Cast behind them. */
  readonly halfStorage: boolean;
  /** A few outputs for people to look at. */
  readonly show?: (model: Uint8Array) => Promise<readonly string[]>;
  readonly sample: (result: Result) => Omit<Sample, 'files'>;
  /** Everything but the model and the record of its training. */
  readonly files: (result: Result) => Readonly<Record<string, Content>>;
}

export interface GalleryEntry {
  readonly name: string;
  readonly prepare: (material: Material) => Promise<Prepared>;
}

/** Where source data is read from. */
export interface Material {
  /** A file of the material folder (`LATHE_MATERIAL`). */
  readonly file: (path: string) => Uint8Array;
  /** The folder of an installed package. */
  readonly packageFolder: (name: string) => string;
}
