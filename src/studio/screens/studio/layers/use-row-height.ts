import { useSyncExternalStore } from 'react';

const COARSE = '(pointer: coarse)';

function subscribe(onChange: () => void): () => void {
  const query = matchMedia(COARSE);
  query.addEventListener('change', onChange);
  return () => query.removeEventListener('change', onChange);
}

/** Rows as dense as a mouse allows, as high as a finger needs: the style sheet knows the same two heights. */
export function useRowHeight(): number {
  return useSyncExternalStore(subscribe, () => matchMedia(COARSE).matches) ? 44 : 32;
}
