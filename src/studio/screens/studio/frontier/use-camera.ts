import { useCallback, useState } from 'react';
import {
  moved,
  USUAL,
  zoomed,
  type Camera,
  type Spot,
  type View,
} from '../../../frontier/camera.ts';
import type { Frame } from '../../../frontier/frame.ts';
import type { Base } from '../../../frontier/range.ts';

export interface CameraControl {
  readonly camera: Camera;
  readonly look: (view: View) => void;
  readonly zoom: (frame: Frame, factor: number, spot?: Spot) => void;
  readonly move: (frame: Frame, by: Spot) => void;
  /** Takes what fits; a second time goes back to the usual. */
  readonly fit: (base: Base) => void;
  readonly reset: () => void;
}

/** What of the chart is seen; `axes` names what its axes show, as another picture is not zoomed into. */
export function useCamera(axes: string): CameraControl {
  const [state, setState] = useState({ axes, camera: USUAL });
  const camera = state.axes === axes ? state.camera : USUAL;
  const set = useCallback(
    (change: (camera: Camera) => Camera) =>
      setState((now) => ({ axes, camera: change(now.axes === axes ? now.camera : USUAL) })),
    [axes],
  );
  const look = useCallback((view: View) => set(({ base }) => ({ base, view })), [set]);
  const zoom = useCallback(
    ({ view, whole }: Frame, factor: number, spot?: Spot) =>
      // Several turns of a wheel may come before the next picture.
      set((now) => ({ base: now.base, view: zoomed(now.view ?? view, whole, factor, spot) })),
    [set],
  );
  const move = useCallback(
    ({ view }: Frame, by: Spot) =>
      set((now) => ({ base: now.base, view: moved(now.view ?? view, by) })),
    [set],
  );
  const fit = useCallback(
    (base: Base) => set((now) => (now.base === base && now.view === undefined ? USUAL : { base })),
    [set],
  );
  const reset = useCallback(() => set(() => USUAL), [set]);
  return { camera, look, zoom, move, fit, reset };
}
