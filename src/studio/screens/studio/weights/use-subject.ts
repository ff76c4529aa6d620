import { useMemo } from 'react';
import type { Anatomy, Layer } from '../../../../core/anatomy/types.ts';
import { selectLayers } from '../../../../core/recipe/targets.ts';
import type { Target } from '../../../../core/recipe/types.ts';
import { methodCard } from '../../../recipe/method-card.ts';
import { useModel } from '../../../state/model-store.ts';
import { useRecipe, type EditableStep } from '../../../state/recipe-store.ts';
import { useView } from '../../../state/view-store.ts';

/** What the tab is about: a layer, and the step whose effect on it is shown. */
export interface SubjectOnScreen {
  readonly layer?: Layer;
  readonly step?: EditableStep;
  /** Whether the step works on the layer at all. */
  readonly targeted: boolean;
}

export function useSubject(): SubjectOnScreen {
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
