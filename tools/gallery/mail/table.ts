import type { Tokenizer } from '../../../src/core/text/tokenizer.ts';
import { CLASSES, type Mail } from './mails.ts';

/** Tokens that are kept behind those the model reads: the cut must not change a word it sees. */
const BEHIND = 8;

/** The beginning of a mail as far as a model reads it that takes `length` tokens. */
export function asRead({ text, label }: Mail, tokenizer: Tokenizer, length: number): Mail {
  const ids = tokenizer.encode(text);
  if (ids.length <= length) return { text, label };
  // A letter of several bytes may be cut in two: its first half is no letter.
  const kept = tokenizer.decode(ids.slice(0, length + BEHIND)).replace(/\uFFFD+$/, '');
  return { text: kept, label };
}

/** Mails as a comma-separated table with the columns text and label. */
export function mailTable(mails: readonly Mail[]): string {
  const rows = mails.map(({ text, label }) => `${quoted(text)},${CLASSES[label]}`);
  return `${['text,label', ...rows].join('\n')}\n`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
