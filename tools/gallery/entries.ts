import type { GalleryEntry } from './entry.ts';
import { handwriting } from './handwriting/handwriting.ts';

export const ENTRIES: readonly GalleryEntry[] = [handwriting];
