import { useEffect, useState } from 'react';
import type { ClipCurve, Entry, Preview } from '../../../../../../workers/protocol.ts';
import { clients } from '../../../../client/clients.ts';
import { useInputs } from '../inputs/use-inputs.ts';
import type { Shown } from '../use-preview.ts';

interface Answer {
  readonly curve: ClipCurve | undefined;
  /** What each input channel counts, where that was looked at. */
  readonly importance: Float32Array | undefined;
}

/** The curve of the layer on screen, following its preview; the old one stays until the new is there. */
export function useClipCurve(
  { measured, step, targeted }: Shown,
  preview: Preview,
  entry: Entry,
  weighted: boolean,
): Answer {
  const [curve, setCurve] = useState<ClipCurve>();
  const { layer } = preview;
  const importance = useInputs(({ profile }) =>
    profile?.layer === layer ? profile.meanSquares : undefined,
  );
  const { file } = measured;
  const [method, options] = targeted ? [step?.method, step?.options] : [];
  useEffect(() => {
    let wanted = true;
    const asked = method !== undefined && options !== undefined && { step: { method, options } };
    const { crop } = preview;
    clients()
      .preview.clipCurve({
        ...{ layer, entry, crop, cells: 96, bins: 160 },
        ...(file ? { measured: file } : asked),
        ...(weighted && importance && { importance }),
      })
      .then((found) => wanted && setCurve(found))
      // What stands in the way of the picture above is said there.
      .catch(() => wanted && setCurve(undefined));
    return () => void (wanted = false);
    // Every preview is of another recipe, or of another place.
  }, [preview, layer, entry, method, options, file, weighted, importance]);
  return { curve: curve?.layer === layer ? curve : undefined, importance };
}
