import type { Pane, ViewState } from '../../state/view-store.ts';

/** Which of the panes is seen: where the recipe stands beside them it takes no turn. */
export function seenPane(pane: Pane, beside: boolean): Pane {
  return beside && pane === 'recipe' ? 'evidence' : pane;
}

/**
 * Where a run that ended leads: to its result, but nobody is taken away from weights, layers or texts that are being
 * read. The frontier is where results are waited for.
 */
export function paneAfterRun({ pane, tab }: Pick<ViewState, 'pane' | 'tab'>): Pane {
  return pane === 'evidence' && tab !== 'frontier' ? 'evidence' : 'result';
}
