import {
  columnFilteringFeature,
  createColumnHelper,
  createFilteredRowModel,
  createSortedRowModel,
  filterFn_equalsString,
  filterFn_includesString,
  globalFilteringFeature,
  rowSelectionFeature,
  rowSortingFeature,
  sortFn_alphanumeric,
  sortFn_basic,
  tableFeatures,
} from '@tanstack/react-table';
import { verdictOrder, type RunRow } from './run-row.ts';

/** What the table can do; nothing else is loaded. */
export const runFeatures = tableFeatures({
  columnFilteringFeature,
  globalFilteringFeature,
  rowSelectionFeature,
  rowSortingFeature,
  filteredRowModel: createFilteredRowModel(),
  sortedRowModel: createSortedRowModel(),
  filterFns: { includesString: filterFn_includesString, equalsString: filterFn_equalsString },
  sortFns: { alphanumeric: sortFn_alphanumeric, basic: sortFn_basic },
});

export const SORTED_COLUMNS = [
  'name',
  'bytes',
  'quality',
  'verdict',
  'recipe',
  'notes',
  'createdAt',
] as const;
export type SortedColumn = (typeof SORTED_COLUMNS)[number];

const helper = createColumnHelper<typeof runFeatures, RunRow>();
const number = { sortFn: 'basic', sortUndefined: 'last' } as const;
const text = { sortFn: 'alphanumeric' } as const;

/** What is sorted and filtered by; how it is drawn, the rows know. */
export const runColumns = helper.columns([
  helper.accessor('name', text),
  helper.accessor('bytes', number),
  helper.accessor('quality', number),
  helper.accessor(({ verdict }) => verdictOrder(verdict), { id: 'verdict', ...number }),
  helper.accessor('recipe', text),
  helper.accessor('notes', text),
  helper.accessor('createdAt', number),
  helper.accessor(({ trial }) => trial.model.sha256, { id: 'model', filterFn: 'equalsString' }),
  helper.accessor('state', { filterFn: 'equalsString' }),
]);

/** Columns that the text filter looks into. */
export const SEARCHED: readonly string[] = ['name', 'recipe', 'notes'];
