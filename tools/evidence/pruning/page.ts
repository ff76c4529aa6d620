import type { Page } from '../numbers/types.ts';
import { LINES } from './lines/index.ts';

export const pruning: Page = {
  name: 'pruning',
  title: 'Pruning, low rank and sharing',
  lines: LINES,
};
