import type { Line } from '../../numbers/types.ts';
import { goldens } from './goldens.ts';
import { unstructured } from './unstructured.ts';
import { physicalCuts } from './physical-cuts.ts';
import { widthsAndRanks } from './widths-and-ranks.ts';
import { depth } from './depth.ts';
import { healed } from './healed.ts';
import { frontier } from './frontier.ts';
import { exported } from './exported.ts';

/** The numbers that must come out, as the issue counts them. */
export const LINES: readonly Line[] = [
  goldens,
  unstructured,
  physicalCuts,
  widthsAndRanks,
  depth,
  healed,
  frontier,
  exported,
];
