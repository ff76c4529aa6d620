import type { PointerEvent as ReactPointerEvent } from 'react';
import { beginDrag, endDrag, moveStep } from '../../../state/recipe-store.ts';

interface Span {
  readonly top: number;
  readonly bottom: number;
}

/**
 * Which neighbour a card that is dragged changes places with: the one whose middle the pointer has passed. Cards of
 * different heights cannot swap to and fro then.
 */
export function passedNeighbour(cards: readonly Span[], at: number, y: number): -1 | 0 | 1 {
  const [above, below] = [cards.at(at - 1), cards.at(at + 1)];
  if (at > 0 && above !== undefined && y < (above.top + above.bottom) / 2) return -1;
  return below !== undefined && y > (below.top + below.bottom) / 2 ? 1 : 0;
}

/** A card follows the pointer while its grip is held; all of it is one change to undo. */
export function dragSteps(event: ReactPointerEvent<HTMLElement>): void {
  const { currentTarget: list, target, pointerId, button } = event;
  if (button !== 0 || !(target instanceof Element)) return;
  const card = target.closest('[data-grip]')?.closest<HTMLElement>('[data-step]');
  const key = card?.dataset['step'];
  if (!card || key === undefined) return;
  event.preventDefault();
  list.setPointerCapture(pointerId);
  card.dataset['dragged'] = '';
  const follow = ({ clientY }: PointerEvent): void => {
    const cards = [...list.children];
    const spans = cards.map((child) => child.getBoundingClientRect());
    const by = passedNeighbour(spans, cards.indexOf(card), clientY);
    if (by === 0) return;
    moveStep(key, by);
    // The first change is the one that undo goes back before.
    beginDrag();
  };
  const stop = (): void => {
    list.removeEventListener('pointermove', follow);
    delete card.dataset['dragged'];
    endDrag();
  };
  list.addEventListener('pointermove', follow);
  list.addEventListener('lostpointercapture', stop, { once: true });
}
