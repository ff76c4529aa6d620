import { shell } from './en-shell.ts';
import { studio } from './en-studio.ts';
import { training } from './en-training.ts';
import { words } from './en-words.ts';

/** Every sentence the page says, in one place. */
export const en = { ...shell, ...studio, ...words, training } as const;
