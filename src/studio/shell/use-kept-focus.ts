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
      const arrived = [...document.querySelectorAll(SCREEN)].some(isShown);
      if (arrived && isShown(document.activeElement)) return;
      if (arrived && focusOn(SCREEN)) return;
      if (performance.now() - start < PATIENCE_MS) frame = requestAnimationFrame(look);
    }
    return () => cancelAnimationFrame(frame);
  }, [screen]);
}

/** While a screen is loading the one before it stays in the page, hidden; the page itself has the focus of nothing. */
function isShown(element: Element | null): boolean {
  return element !== null && element !== document.body && element.getClientRects().length > 0;
}
