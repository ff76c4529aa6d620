import type { Recipe } from '../../src/core/recipe/types.ts';
import type { DeviceChoice } from '../../src/runtime/types.ts';
import type {
  Amount,
  BlockDistances,
  Classification,
  Continuation,
  DroppedTokens,
  Example,
  InputProfile,
  InputQuestion,
  JobProgress,
  ModelFolder,
  OrderView,
  PartKind,
  PartLoss,
  PartProgress,
  RunWishes,
  Reading,
  ReadQuestion,
  Tagging,
  Trial,
  TryData,
} from '../protocol.ts';

/**
 * What the engine worker asks of a job worker: everything that opens sessions. WebAssembly heaps
 * never shrink and a failed GPU session poisons its thread, so these threads are thrown away.
 */
export interface JobWorker {
  /** `known`: what the engine's thread found when it opened the same folder. `page` names the page it belongs to. */
  open(
    folder: ModelFolder,
    known: { readonly sha256: string },
    device: DeviceChoice,
    page: string,
  ): Promise<void>;
  run(
    recipe: Recipe,
    onProgress: (progress: JobProgress) => void,
    wishes?: RunWishes,
  ): Promise<Trial>;
  compareOrders(recipe: Recipe, onProgress: (progress: JobProgress) => void): Promise<OrderView>;
  enough(): void;
  cancel(): void;
  pause(): void;
  resume(): void;
  continueText(
    trialId: string,
    prompt: string,
    tokens: number,
    leftId?: string,
  ): Promise<Continuation>;
  tryData(): Promise<TryData | undefined>;
  dataHash(): Promise<string | undefined>;
  readText(trialId: string, question: ReadQuestion, leftId?: string): Promise<Reading>;
  examples(indices: readonly number[]): Promise<readonly Example[]>;
  classify(trialId: string, example: number, leftId?: string): Promise<Classification>;
  classifyText(trialId: string, text: string, leftId?: string): Promise<Classification>;
  tagText(trialId: string, text: string, leftId?: string): Promise<Tagging>;
  partLosses(
    kind: PartKind,
    amount: Amount | undefined,
    onProgress: (progress: PartProgress) => void,
  ): Promise<readonly PartLoss[]>;
  droppedTokens(recipe: Recipe): Promise<DroppedTokens | undefined>;
  blockDistances(amount: Amount | undefined): Promise<readonly BlockDistances[]>;
  inputProfile(
    question: InputQuestion,
    onProgress: (fraction: number) => void,
  ): Promise<InputProfile>;
}
