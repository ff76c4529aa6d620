import { openGraph } from '../../src/core/onnx/prepare/open-graph.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import type { Host } from '../../src/engine/host.ts';
import type { OpenModel } from '../../src/engine/model/open.ts';
import { readWritten } from '../../src/engine/model/written.ts';
import { TrialStore } from '../../src/engine/trials/store.ts';
import { blockDistances } from '../../src/engine/structure/block-distances.ts';
import { structureData } from '../../src/engine/structure/calibration.ts';
import {
  inputProfile,
  profileProvider,
  type InputProfile,
} from '../../src/engine/structure/input-profile.ts';
import { partLosses } from '../../src/engine/structure/part-losses.ts';
import type { LookProvider } from '../../src/engine/compress/types.ts';
import type {
  Amount,
  InputQuestion,
  BlockDistances,
  PartKind,
  PartLoss,
  PartProgress,
} from '../protocol.ts';

/** Plain ticks go out at most so often; what was found always does. */
const EVERY_MS = 100;

export async function lookAtParts(
  host: Host,
  open: OpenModel,
  { kind, amount }: { readonly kind: PartKind; readonly amount: Amount | undefined },
  onProgress: (progress: PartProgress) => void,
): Promise<readonly PartLoss[]> {
  let last = -Infinity;
  let now = { fraction: 0, detail: undefined as string | undefined };
  const tell = (found: readonly PartLoss[]): void => {
    last = host.now();
    const { fraction, detail } = now;
    onProgress({ fraction, found, ...(detail !== undefined && { detail }) });
  };
  return partLosses(host, open, await structureData(open, wishOf(amount)), kind, {
    progress: (fraction, detail) => {
      now = { fraction, detail };
      if (host.now() - last >= EVERY_MS) tell([]);
    },
    onFound: tell,
  });
}

export async function lookAtBlocks(
  host: Host,
  open: OpenModel,
  amount: Amount | undefined,
): Promise<readonly BlockDistances[]> {
  const data = await structureData(open, wishOf(amount));
  return blockDistances(host, open, data, { progress: () => undefined });
}

/** Data is cut and chosen once for as long as the same is asked: a slider asks many times. */
let chosen: { readonly key: string; readonly provider: Promise<LookProvider> } | undefined;

export async function lookAtInputs(
  host: Host,
  open: OpenModel,
  { amount, trial, ...question }: InputQuestion,
  onProgress: (fraction: number) => void,
): Promise<InputProfile> {
  const key = JSON.stringify([open.sha256, amount]);
  if (chosen?.key !== key) {
    const provider = structureData(open, wishOf(amount)).then((data) =>
      profileProvider(host, open, data),
    );
    chosen = { key, provider };
    provider.catch(() => (chosen = undefined));
  }
  let last = -Infinity;
  const progress = (fraction: number): void => {
    if (host.now() - last < EVERY_MS) return;
    last = host.now();
    onProgress(fraction);
  };
  const { provider } = chosen;
  const file = trial === undefined ? undefined : await fileOf(host, trial);
  return inputProfile(open, await provider, question, { progress }, file);
}

let written: { readonly trial: string; readonly file: Promise<Model | undefined> } | undefined;

/** A trial's file, kept while the same one is asked about; nothing where it cannot be read any more. */
function fileOf(host: Host, trial: string): Promise<Model | undefined> {
  if (written?.trial !== trial) {
    const read = new TrialStore(host.storage)
      .written(trial)
      .then(async (found) => (await openGraph(await readWritten(found))).model);
    written = { trial, file: read.catch(() => undefined) };
  }
  return written.file;
}

function wishOf(amount: Amount | undefined) {
  if (amount === undefined) return {};
  const { seed, ...rest } = amount;
  return { amount: rest, seed };
}
