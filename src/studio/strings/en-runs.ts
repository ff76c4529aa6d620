import type { Trial } from '../../../workers/protocol.ts';

/** The Runs screen. */
export const runs = {
  filter: 'Filter by name, recipe or notes',
  model: 'Model',
  allModels: 'All models',
  state: 'State',
  allStates: 'All states',
  states: {
    done: 'Measured',
    cancelled: 'Cancelled',
    failed: 'Failed',
  } satisfies Record<Trial['state'], string>,
  columns: {
    select: 'Select',
    name: 'Name',
    recipe: 'Recipe',
    bytes: 'Size',
    quality: 'Quality',
    verdict: 'Verdict',
    createdAt: 'When',
    notes: 'Notes',
    actions: 'Actions',
  },
  sortBy: (column: string) => `Sort by ${column.toLowerCase()}`,
  sort: 'Sort by',
  ascending: 'Smallest or first on top',
  descending: 'Largest or last on top',
  original: 'Original',
  trials: (count: number) => (count === 1 ? '1 trial' : `${count} trials`),
  select: (name: string) => `Select ${name}`,
  selectAll: (model: string) => `Select all trials of ${model}`,
  selected: (count: number) => `${count} selected`,
  selectNone: 'Select none',
  deleteSelected: 'Delete',
  deletedMany: (count: number) => `${count} trials are deleted.`,
  shipped: 'Measured by the project',
  none: 'No trial fits the filter.',
  clearFilter: 'Clear the filter',
  note: 'Add a note',
  runAgain: (name: string) => `Run ${name} again`,
  again: 'Run again',
  goesOn: 'Finished steps are kept: it goes on from there.',
  needsModel: (name: string, model: string) =>
    `The recipe of ${name} is on the bench. Open ${model} to run it.`,
  shown: (shown: number, all: number) => (shown === all ? '' : `${shown} of ${all} shown`),
  empty: {
    title: 'No trials of yours yet',
    lead: 'Each run is kept here, in this browser: what it was made of, how small it is and what it costs.',
    run: 'To the recipe on the bench',
    shipped: (model: string) =>
      `Below stand trials of ${model} that the project measured: sort them, compare them, run them here.`,
    openModel: (model: string) => `Open ${model}`,
  },
} as const;

/** What this browser keeps, and what can go. */
export const storage = {
  title: 'Storage',
  open: 'What takes the space',
  lead: 'All of it lies in this browser and nowhere else.',
  trialsOf: (model: string, count: number) =>
    count === 1 ? `1 trial of ${model}` : `${count} trials of ${model}`,
  trialsHelp: 'Files and reports. Delete them in the table.',
  stages: 'Finished steps of runs',
  stagesHelp:
    'Changing the last step runs only that one. Without them a run starts from the beginning.',
  checkpoints: 'Checkpoints of trainings',
  checkpointsHelp: 'A training that was interrupted goes on from there.',
  work: 'Work of runs that go on or were interrupted',
  workHelp: 'Drafts and spilled data. They go by themselves when a run ends.',
  samples: 'Samples',
  samplesHelp: 'Kept so that they open without a network. Fetched again at the next visit.',
  app: 'The page itself, with its runtime',
  appHelp: 'Lets it work without a network. Fetched again at the next visit.',
  other: 'Anything else',
  clear: 'Clear',
  clearOf: (name: string) => `Clear: ${name}`,
  cleared: (name: string, bytes: string) => `${name}: ${bytes} cleared.`,
  lost: (folders: readonly string[]) =>
    folders.length === 1
      ? `One trial cannot be read: the browser lost part of it, or it was written by a newer version (${folders.join(', ')}).`
      : `${folders.length} trials cannot be read: the browser lost parts of them, or they were written by a newer version (${folders.join(', ')}).`,
  removeLost: 'Remove what is left',
  forgets: 'This window forgets its trials when it is closed.',
  notPromised:
    'This browser has not promised to keep trials: a private window forgets them when it is closed, others when space runs out.',
  exportAll: 'Export all trials',
  exporting: (done: number, of: number) => `Packing ${done} of ${of}…`,
} as const;
