import type { GalleryEntry } from './entry.ts';
import { handwriting } from './handwriting/handwriting.ts';
import { mail } from './mail/mail.ts';
import { prose } from './prose/prose.ts';

export const ENTRIES: readonly GalleryEntry[] = [prose, mail, handwriting];
