/** The screen that is shown, once it is loaded. */
export const SCREEN = 'main:not([aria-busy])';

/** Puts the focus on something that may not take it by itself; whether it is there. */
export function focusOn(place: string): boolean {
  const all = [...document.querySelectorAll<HTMLElement>(place)];
  const element = all.find((found) => found.getClientRects().length > 0);
  if (element === undefined) return false;
  if (element.tabIndex < 0) element.tabIndex = -1;
  element.focus({ preventScroll: element.matches(SCREEN) });
  return true;
}
