import { useEffect } from 'react';
import { tinykeys } from 'tinykeys';
import { useLocation } from 'wouter';
import { ACTIONS } from './registry.ts';
import type { Action } from './action.ts';
import { setNavigate } from './navigation.ts';

/** Binds every action's shortcut, and gives the actions the router. */
export function useShortcuts(): void {
  const [, navigate] = useLocation();
  useEffect(() => setNavigate(navigate), [navigate]);
  useEffect(() => {
    const bound = ACTIONS.flatMap((action) =>
      action.shortcut === undefined ? [] : [[action.shortcut, handlerOf(action)] as const],
    );
    return tinykeys(window, Object.fromEntries(bound));
  }, []);
}

function handlerOf(action: Action) {
  return (event: KeyboardEvent): void => {
    if (event.defaultPrevented || isForTheField(event, action)) return;
    if (action.available?.() === false) return;
    event.preventDefault();
    void action.perform();
  };
}

/** Plain letters and undo belong to the text field that has the focus. */
function isForTheField(event: KeyboardEvent, action: Action): boolean {
  const { target } = event;
  if (!(target instanceof HTMLElement) || action.id === 'cancel') return false;
  const typing =
    target.isContentEditable ||
    target.matches('textarea, input:not([type=range], [type=checkbox], [type=radio])');
  return typing && (action.undo === 'recipe' || action.shortcut?.startsWith('$mod') !== true);
}
