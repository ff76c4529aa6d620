import type { Page } from '../numbers/types.ts';
import { againstGgml } from './lines/against-ggml.ts';
import { effects } from './lines/effects.ts';
import { files } from './lines/files.ts';
import { fits } from './lines/fits.ts';
import { ladder } from './lines/ladder.ts';
import { outliers } from './lines/outliers.ts';
import { tasks } from './lines/tasks.ts';

export const quantization: Page = {
  name: 'quantization',
  title: 'Quantization',
  lines: [files, ladder, tasks, outliers, fits, effects, againstGgml],
};
