import { create } from 'zustand';
import { toStudioError } from '../../../../../workers/errors.ts';
import type {
  Amount,
  BlockDistances,
  PartKind,
  PartLoss,
  StudioError,
} from '../../../../../workers/protocol.ts';
import { clients } from '../../../client/clients.ts';
import { useModel } from '../../../state/model-store.ts';
import { currentRecipe } from '../../../state/recipe-store.ts';

interface Looking {
  /** The model and the data that all of this is about. */
  readonly subject?: string;
  readonly losses: readonly PartLoss[];
  readonly distances: readonly BlockDistances[];
  readonly running?: { readonly kind: PartKind; readonly fraction: number };
  /** Every part was measured. */
  readonly finished: boolean;
  readonly error?: StudioError;
}

const NOTHING: Looking = { losses: [], distances: [], finished: false };

/** What was found of the open model's parts; another model or other data begin anew. */
export const useLooking = create<Looking>()(() => NOTHING);

/** Names the open model with its calibration data. */
export function subjectOf(): string | undefined {
  const { view } = useModel.getState();
  if (view === undefined) return undefined;
  const { calibration } = view.data;
  return [view.sha256, view.task, calibration?.name, calibration?.bytes].join(' ');
}

function amount(): Amount | undefined {
  const { calibration, seed } = currentRecipe();
  if (calibration === undefined) return undefined;
  const { samples, length } = calibration;
  return { samples, length, seed };
}

/** Blocks first: they are few, and tell where it is worth looking closer. */
const ORDER: readonly PartKind[] = ['blocks', 'heads'];

/** Switches every part off once; what is found shows block by block. */
export async function lookAtParts(): Promise<void> {
  const subject = subjectOf();
  if (subject === undefined || useLooking.getState().running !== undefined) return;
  useLooking.setState({ ...NOTHING, subject, running: { kind: 'blocks', fraction: 0 } }, true);
  const still = (): boolean =>
    useLooking.getState().subject === subject && useLooking.getState().running !== undefined;
  const update = (change: (state: Looking) => Partial<Looking>): void => {
    if (still()) useLooking.setState(change);
  };
  try {
    const distances = await clients().engine.blockDistances(amount());
    update(() => ({ distances }));
    let before: readonly PartLoss[] = [];
    for (const kind of ORDER) {
      const all = await clients().engine.partLosses(kind, amount(), ({ fraction, found }) =>
        update(({ losses }) => ({
          losses: found.length === 0 ? losses : [...losses, ...found],
          running: { kind, fraction },
        })),
      );
      // What was told on the way may come after the answer, and then too late.
      before = [...before, ...all];
      update(() => ({ losses: before }));
    }
    update(() => ({ running: undefined, finished: true }));
  } catch (thrown) {
    const error = toStudioError(thrown);
    if (error.code !== 'cancelled') update(() => ({ error }));
    update(() => ({ running: undefined }));
  }
}

/** Ends it; what was found stays. */
export function stopLooking(): void {
  useLooking.setState({ running: undefined });
  clients().engine.stopLooking();
}

useModel.subscribe(() => {
  const { subject, running } = useLooking.getState();
  if (subject === undefined || subject === subjectOf()) return;
  if (running !== undefined) clients().engine.stopLooking();
  useLooking.setState(NOTHING, true);
});
