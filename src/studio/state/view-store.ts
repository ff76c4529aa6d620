import { create } from 'zustand';
import type { PickedFile } from '../files/folder.ts';
import type { MetricName } from '../../core/metrics/types.ts';

export const EVIDENCE_TABS = ['size', 'frontier', 'layers', 'structure', 'weights', 'try'] as const;
export type EvidenceTab = (typeof EVIDENCE_TABS)[number];
export type SideName = 'left' | 'right';
export type Pane = 'recipe' | 'evidence' | 'result';

export interface ViewState {
  readonly tab: EvidenceTab;
  /** Which column a narrow screen shows. */
  readonly pane: Pane;
  /** One selected layer, the same in every tab. */
  readonly layer?: string;
  /** Layers chosen together with it, to be changed at once. */
  readonly alongside: readonly string[];
  /** The trial whose result is on the right; the newest when unset. */
  readonly trial?: string;
  readonly quality?: MetricName;
  /** What Try it compares: the original with the shown trial, unless chosen otherwise. */
  readonly left?: string;
  readonly right?: string;
  /** Sides whose adapter, where the model keeps one, is switched off. */
  readonly adapterOff: readonly SideName[];
  /** Trials put side by side on the Runs screen. */
  readonly compared: readonly string[];
  /** Further parts of the open folder that a run works on, by path. */
  readonly alsoParts: readonly string[];
  readonly palette: boolean;
  readonly help: boolean;
  /** Data files that wait to be told what they are for; the first is asked about. */
  readonly unsorted: readonly PickedFile[];
}

/** What is looked at; never part of the recipe, never undone. */
export const useView = create<ViewState>()(() => ({
  tab: 'size',
  pane: 'evidence',
  alongside: [],
  adapterOff: [],
  compared: [],
  alsoParts: [],
  palette: false,
  help: false,
  unsorted: [],
}));

export function selectLayer(layer: string): void {
  useView.setState({ layer, alongside: [] });
}

/** Several layers at once; the last of them is the one the other tabs show. */
export function selectLayers(layers: readonly string[]): void {
  useView.setState({ layer: layers.at(-1), alongside: layers.slice(0, -1) });
}

/** The layers that are chosen together, the shown one last. */
export function chosenLayers({
  layer,
  alongside,
}: Pick<ViewState, 'layer' | 'alongside'>): readonly string[] {
  return layer === undefined ? [] : [...alongside.filter((name) => name !== layer), layer];
}

/** Takes a part into the next run, or out of it. */
export function togglePart(path: string): void {
  useView.setState(({ alsoParts }) => ({
    alsoParts: alsoParts.includes(path)
      ? alsoParts.filter((other) => other !== path)
      : [...alsoParts, path],
  }));
}

export function showTab(tab: EvidenceTab): void {
  useView.setState({ tab, pane: 'evidence' });
}

/** As many as can be told apart side by side. */
export const MOST_COMPARED = 4;

/** Puts a trial among those that are compared, or takes it out; false where there is no more room. */
export function toggleCompared(id: string): boolean {
  const { compared } = useView.getState();
  const known = compared.includes(id);
  if (!known && compared.length >= MOST_COMPARED) return false;
  const next = known ? compared.filter((other) => other !== id) : [...compared, id];
  useView.setState({ compared: next });
  return true;
}
