import { useEffect, useRef } from 'react';
import { focusOn, SCREEN } from './focus-on.ts';

/** A screen that takes longer is waited for by nobody. */
const PATIENCE_MS = 10_000;

/**
 * When another screen comes, what had the focus may have gone with the old one: it goes to the new screen then,
 * not back to the top of the page. What still has it keeps it.
 */
export function useKeptFocus(screen: string): void {
  const shown = useRef(screen);
  useEffect(() => {
    if (shown.current === screen) return undefined;
    shown.current = screen;
    const start = performance.now();
    let frame = requestAnimationFrame(look);
    function look(): void {
      const lost = document.activeElement === document.body || document.activeElement === null;
      if (!lost || focusOn(SCREEN) || performance.now() - start > PATIENCE_MS) return;
      frame = requestAnimationFrame(look);
    }
    return () => cancelAnimationFrame(frame);
  }, [screen]);
}
