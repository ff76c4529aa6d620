import {
  BookOpen,
  Blocks,
  ChartScatter,
  Command,
  Download,
  FileBox,
  FolderOpen,
  History,
  House,
  Keyboard,
  Layers,
  LayoutDashboard,
  Link2,
  MessageSquareText,
  Pause,
  Play,
  Redo2,
  Save,
  ScanLine,
  SlidersHorizontal,
  Square,
  SunMoon,
  Terminal,
  ToggleLeft,
  Undo2,
  Archive,
  ArrowDownUp,
  ArrowDown,
  ArrowUp,
} from 'lucide-react';
import { chooseFile, chooseFolder } from '../flows/choose-files.ts';
import { exportFile, exportRecipe, exportZip } from '../flows/export-trial.ts';
import { cancelRun, canPause, runRecipe, togglePause } from '../flows/run-recipe.ts';
import { copyShareLink } from '../flows/share-link.ts';
import { chosenNow, selectNeighbour } from '../flows/layer-choice.ts';
import { useJob } from '../state/job-store.ts';
import { useModel } from '../state/model-store.ts';
import { currentRecipe, redo, undo, useRecipe } from '../state/recipe-store.ts';
import { shownTrial } from '../state/trials.ts';
import { nextTheme } from '../state/theme.ts';
import { showTab, useView } from '../state/view-store.ts';
import { en } from '../strings/en.ts';
import type { Action } from './action.ts';
import { go } from './navigation.ts';

const t = en.actions;
const modelOpen = (): boolean => useModel.getState().view !== undefined;
/** A trial that was shipped has no file here until it is computed. */
const fileShown = (): boolean => {
  const trial = shownTrial();
  return trial !== undefined && trial.shipped !== true;
};

function withTrial(perform: (trial: NonNullable<ReturnType<typeof shownTrial>>) => unknown) {
  return () => {
    const trial = shownTrial();
    if (trial !== undefined) void perform(trial);
  };
}

const recipe: readonly Action[] = [
  {
    id: 'run',
    title: t.run,
    icon: Play,
    shortcut: '$mod+Enter',
    undo: 'none',
    available: () => modelOpen() && !useJob.getState().running,
    perform: () => runRecipe(),
  },
  {
    id: 'orders',
    title: t.orders,
    icon: ArrowDownUp,
    undo: 'none',
    available: () => modelOpen() && !useJob.getState().running && currentRecipe().steps.length > 1,
    perform: async () => (await import('../flows/compare-orders.ts')).compareOrders(),
  },
  {
    id: 'cancel',
    title: t.cancel,
    icon: Square,
    shortcut: 'Escape',
    undo: 'none',
    available: () => useJob.getState().running,
    perform: cancelRun,
  },
  {
    id: 'pause',
    title: en.training.pauseHelp,
    icon: Pause,
    shortcut: 'p',
    undo: 'none',
    available: canPause,
    perform: togglePause,
  },
  {
    id: 'undo',
    title: t.undo,
    icon: Undo2,
    shortcut: '$mod+z',
    undo: 'recipe',
    available: () => useRecipe.temporal.getState().pastStates.length > 0,
    perform: undo,
  },
  {
    id: 'redo',
    title: t.redo,
    icon: Redo2,
    shortcut: '$mod+Shift+z',
    undo: 'recipe',
    available: () => useRecipe.temporal.getState().futureStates.length > 0,
    perform: redo,
  },
  {
    id: 'saveRecipe',
    title: t.saveRecipe,
    icon: Save,
    shortcut: '$mod+s',
    undo: 'none',
    perform: () => exportRecipe(currentRecipe()),
  },
];

const layers: readonly Action[] = [
  {
    id: 'excludeLayer',
    title: t.excludeLayer,
    icon: ToggleLeft,
    shortcut: 'e',
    undo: 'recipe',
    available: () => modelOpen() && useView.getState().layer !== undefined,
    // What rewrites targets comes with the editor.
    perform: async () => (await import('../flows/rewrite-layers.ts')).toggleLayers(chosenNow()),
  },
  {
    id: 'previousLayer',
    title: t.previousLayer,
    icon: ArrowUp,
    shortcut: 'k',
    undo: 'none',
    available: modelOpen,
    perform: () => selectNeighbour(-1),
  },
  {
    id: 'nextLayer',
    title: t.nextLayer,
    icon: ArrowDown,
    shortcut: 'j',
    undo: 'none',
    available: modelOpen,
    perform: () => selectNeighbour(1),
  },
];

const evidence: readonly Action[] = (
  [
    ['size', LayoutDashboard],
    ['frontier', ChartScatter],
    ['layers', Layers],
    ['structure', Blocks],
    ['weights', ScanLine],
    ['try', MessageSquareText],
  ] as const
).map(([tab, icon], index) => ({
  id: tab,
  title: t[tab],
  icon,
  shortcut: String(index + 1),
  undo: 'none',
  available: modelOpen,
  perform: () => {
    showTab(tab);
    go('/studio');
  },
}));

const results: readonly Action[] = [
  {
    id: 'export',
    title: t.export,
    icon: Download,
    shortcut: '$mod+e',
    undo: 'none',
    available: fileShown,
    perform: withTrial(exportFile),
  },
  {
    id: 'zip',
    title: t.zip,
    icon: Archive,
    undo: 'none',
    available: fileShown,
    perform: withTrial(exportZip),
  },
  {
    id: 'share',
    title: t.share,
    icon: Link2,
    undo: 'none',
    available: modelOpen,
    perform: () => copyShareLink(currentRecipe()),
  },
  {
    id: 'command',
    title: t.command,
    icon: Terminal,
    undo: 'none',
    available: modelOpen,
    perform: async () => (await import('../flows/copy-as.ts')).copyAs('command', currentRecipe()),
  },
];

const general: readonly Action[] = [
  {
    id: 'openFile',
    title: t.openFile,
    icon: FileBox,
    shortcut: '$mod+o',
    undo: 'none',
    perform: chooseFile,
  },
  { id: 'openFolder', title: t.openFolder, icon: FolderOpen, undo: 'none', perform: chooseFolder },
  { id: 'start', title: t.start, icon: House, undo: 'none', perform: () => go('/') },
  {
    id: 'studio',
    title: t.studio,
    icon: SlidersHorizontal,
    undo: 'none',
    available: modelOpen,
    perform: () => go('/studio'),
  },
  { id: 'runs', title: t.runs, icon: History, undo: 'none', perform: () => go('/runs') },
  { id: 'learn', title: t.learn, icon: BookOpen, undo: 'none', perform: () => go('/learn') },
  { id: 'theme', title: t.theme, icon: SunMoon, undo: 'none', perform: nextTheme },
  {
    id: 'palette',
    title: t.palette,
    icon: Command,
    shortcut: '$mod+k',
    undo: 'none',
    perform: () => useView.setState({ palette: true }),
  },
  {
    id: 'help',
    title: t.help,
    icon: Keyboard,
    shortcut: 'Shift+?',
    undo: 'none',
    perform: () => useView.setState({ help: true }),
  },
];

/** Everything a user can do, in the order of the palette. */
export const ACTIONS: readonly Action[] = [
  ...recipe,
  ...evidence,
  ...layers,
  ...results,
  ...general,
];

export function action(id: string): Action {
  const found = ACTIONS.find((candidate) => candidate.id === id);
  if (found === undefined) throw new Error(`no action is called ${id}`);
  return found;
}
