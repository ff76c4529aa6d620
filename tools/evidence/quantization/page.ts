import type { Page } from '../numbers/types.ts';
import { ladder } from './lines/ladder.ts';

export const quantization: Page = {
  name: 'quantization',
  title: 'Quantization',
  lines: [ladder],
};
