import { useEffect, useMemo, useState } from 'react';
import type { Anatomy, Layer } from '../../../../core/anatomy/types.ts';
import { selectLayers } from '../../../../core/recipe/targets.ts';
import type { Target } from '../../../../core/recipe/types.ts';
import type { Preview, StudioError } from '../../../../../workers/protocol.ts';
import { toStudioError } from '../../../../../workers/errors.ts';
import { clients } from '../../../client/clients.ts';
import { methodCard } from '../../../recipe/method-card.ts';
import { useModel } from '../../../state/model-store.ts';
import { useRecipe, type EditableStep } from '../../../state/recipe-store.ts';
import { useView } from '../../../state/view-store.ts';

const CELLS = 128;
const BINS = 160;

export interface Shown {
  readonly layer?: Layer;
  readonly step?: EditableStep;
  /** Whether the step works on the layer at all. */
  readonly targeted: boolean;
  readonly preview?: Preview;
  readonly error?: StudioError;
}

/** The picture of the selected layer under the selected step; the old one stays until the new is there. */
export function usePreview(): Shown {
  const { layer, step, targeted } = useSubject();
  const folder = useModel((state) => state.folder);
  const [answer, setAnswer] = useState<{ preview?: Preview; error?: StudioError }>({});
  const name = layer?.name;
  const method = step?.method;
  const options = step?.options;
  useEffect(() => {
    if (name === undefined || method === undefined || options === undefined) return undefined;
    let wanted = true;
    clients()
      .preview.preview({ layer: name, method, options, cells: CELLS, bins: BINS })
      .then((preview) => {
        if (preview !== undefined) setAnswer({ preview });
      })
      .catch((thrown: unknown) => wanted && setAnswer({ error: toStudioError(thrown) }));
    return () => void (wanted = false);
  }, [name, method, options, folder]);
  const stale = answer.preview !== undefined && answer.preview.layer !== name;
  return { layer, step, targeted, ...(stale ? {} : answer) };
}

function useSubject(): Pick<Shown, 'layer' | 'step' | 'targeted'> {
  const anatomy = useModel((state) => state.view?.anatomy);
  const name = useView((state) => state.layer);
  const steps = useRecipe((state) => state.steps);
  const key = useRecipe((state) => state.selected);
  const layers = anatomy?.layers ?? [];
  const layer = layers.find((candidate) => candidate.name === name) ?? layers[0];
  const step = useMemo(
    () =>
      stepFor(
        anatomy,
        layer,
        steps.filter((step) => step.disabled !== true),
        key,
      ),
    [anatomy, layer, steps, key],
  );
  const target = step?.target;
  const targeted = useMemo(
    () =>
      anatomy !== undefined &&
      layer !== undefined &&
      target !== undefined &&
      isTargeted(anatomy, target, layer),
    [anatomy, target, layer],
  );
  return { layer, step, targeted };
}

/** The selected step if it changes this layer's values, else the first one that does. */
function stepFor(
  anatomy: Anatomy | undefined,
  layer: Layer | undefined,
  active: readonly EditableStep[],
  key: string | undefined,
): EditableStep | undefined {
  const selected = active.find((step) => step.key === key);
  const changes = (step: EditableStep): boolean =>
    anatomy !== undefined &&
    layer !== undefined &&
    methodCard(step.method)?.pictures === 'weight' &&
    isTargeted(anatomy, step.target, layer);
  if (selected !== undefined && changes(selected)) return selected;
  return active.find(changes) ?? selected ?? active[0];
}

function isTargeted(anatomy: Anatomy, target: Target, layer: Layer): boolean {
  try {
    return selectLayers(anatomy, target).includes(layer);
  } catch {
    // A pattern being typed: the forecast says what is wrong with it.
    return false;
  }
}
