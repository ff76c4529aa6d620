import type { Page } from '../numbers/types.ts';
import { againstGgml } from './lines/against-ggml.ts';
import { ladder } from './lines/ladder.ts';

export const quantization: Page = {
  name: 'quantization',
  title: 'Quantization',
  lines: [ladder, againstGgml],
};
