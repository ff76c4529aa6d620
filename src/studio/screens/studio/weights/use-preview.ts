import { useEffect, useMemo, useState } from 'react';
import type { Layer } from '../../../../core/anatomy/types.ts';
import type { Preview, StudioError } from '../../../../../workers/protocol.ts';
import { toStudioError } from '../../../../../workers/errors.ts';
import { clients } from '../../../client/clients.ts';
import { useModel } from '../../../state/model-store.ts';
import type { EditableStep } from '../../../state/recipe-store.ts';
import { cropFrom } from './crop.ts';
import { lookingAt, useLooking } from './looking.ts';
import { useMeasured, type Measured } from './use-measured.ts';
import { useSubject } from './use-subject.ts';

const CELLS = 96;
const BINS = 160;

export interface Shown {
  readonly layer?: Layer;
  readonly step?: EditableStep;
  /** Whether the step works on the layer at all. */
  readonly targeted: boolean;
  readonly measured: Measured;
  readonly preview?: Preview;
  readonly error?: StudioError;
}

/** The picture of the selected layer under the recipe; the old one stays until the new is there. */
export function usePreview(): Shown {
  const { layer, step, targeted } = useSubject();
  const measured = useMeasured();
  const answer = useAnswer(layer?.name, targeted ? step : undefined, measured);
  const stale = answer.preview !== undefined && answer.preview.layer !== layer?.name;
  return { layer, step, targeted, measured, ...(stale ? {} : answer) };
}

function useAnswer(
  name: string | undefined,
  step: EditableStep | undefined,
  { file, waiting }: Measured,
) {
  const folder = useModel((state) => state.folder);
  const looking = useLooking();
  const { entry, origin } = useMemo(() => lookingAt(looking, name), [looking, name]);
  const [answer, setAnswer] = useState<{ preview?: Preview; error?: StudioError }>({});
  const [method, options] = [step?.method, step?.options];
  useEffect(() => {
    if (name === undefined || waiting) return undefined;
    let wanted = true;
    const asked = method !== undefined && options !== undefined && { step: { method, options } };
    const what = file ? { measured: file } : asked;
    clients()
      .preview.preview({
        ...{ layer: name, entry, crop: cropFrom(origin), cells: CELLS, bins: BINS },
        ...what,
      })
      .then((preview) => {
        if (preview !== undefined) setAnswer({ preview });
      })
      .catch((thrown: unknown) => wanted && setAnswer({ error: toStudioError(thrown) }));
    return () => void (wanted = false);
  }, [name, method, options, file, waiting, entry, origin, folder]);
  return answer;
}
