import { Boxes, ChartScatter, Layers, ListStart, Plus } from 'lucide-react';
import { ACTIONS } from '../actions/registry.ts';
import { go } from '../actions/navigation.ts';
import type { Sample } from '../../core/data/samples.ts';
import type { ModelView, Trial } from '../../../workers/protocol.ts';
import { openReference } from '../flows/open-model.ts';
import { defaultOptions, type MethodCard, type PresetCard } from '../recipe/method-card.ts';
import { addStep, loadRecipe } from '../state/recipe-store.ts';
import { selectLayer, showTab, useView } from '../state/view-store.ts';
import { palette as words } from '../strings/en-palette.ts';
import type { PaletteEntry } from './palette-match.ts';

/** Everything there is to find, from where it is kept. */
export interface Findable {
  readonly samples: readonly Sample[];
  readonly methods: readonly MethodCard[];
  readonly presets: readonly PresetCard[];
  readonly trials: readonly Trial[];
  readonly view: ModelView | undefined;
}

/** All lines, actions first: what can be done now, then what can be gone to. */
export function paletteEntries(found: Findable): readonly PaletteEntry[] {
  return [
    ...actionEntries(),
    ...found.samples.map(sampleEntry),
    ...(found.view === undefined ? [] : ofModel(found, found.view)),
  ];
}

function actionEntries(): PaletteEntry[] {
  return ACTIONS.filter(({ id, available }) => id !== 'palette' && available?.() !== false);
}

function sampleEntry({ name, title }: Sample): PaletteEntry {
  const perform = async (): Promise<void> => {
    if (await openReference(`sample:${name}`)) go('/studio');
  };
  return { id: `sample-${name}`, kind: words.sample, title, icon: Boxes, perform };
}

function ofModel({ methods, presets, trials }: Findable, view: ModelView): PaletteEntry[] {
  return [
    ...presets.map(presetEntry),
    ...methods.map(methodEntry),
    ...trials.filter(({ state }) => state === 'done').map(trialEntry),
    ...view.anatomy.layers.map(({ name }) => layerEntry(name)),
  ];
}

function presetEntry({ id, title, recipe }: PresetCard): PaletteEntry {
  return {
    id: `preset-${id}`,
    kind: words.preset,
    title,
    icon: ListStart,
    perform: inStudio(() => loadRecipe(recipe)),
  };
}

function methodEntry(card: MethodCard): PaletteEntry {
  return {
    id: `method-${card.id}`,
    kind: words.method,
    title: card.title,
    icon: Plus,
    perform: inStudio(() => addStep(card.id, defaultOptions(card))),
  };
}

function trialEntry({ id, name }: Trial): PaletteEntry {
  const show = (): void => {
    useView.setState({ trial: id });
    showTab('frontier');
  };
  return {
    id: `trial-${id}`,
    kind: words.trial,
    title: name,
    icon: ChartScatter,
    perform: inStudio(show),
  };
}

function layerEntry(name: string): PaletteEntry {
  const show = (): void => {
    selectLayer(name);
    showTab('layers');
  };
  return {
    id: `layer-${name}`,
    kind: words.layer,
    title: name,
    icon: Layers,
    perform: inStudio(show),
  };
}

function inStudio(perform: () => void): () => void {
  return () => {
    perform();
    go('/studio');
  };
}
