import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FACES, faceBytes, licence, placeOf } from './faces.ts';

/** None of the package's files holds them. */
const FROM_THE_SYSTEM = '→←↵⇧⌘⌥‖⁻⁰⁴ⁿ₂₁₀ᵀ≤≥≈≠∞√✓▾ŷ ᵢ';

describe('the font of the page', () => {
  it.each(FACES)('$to is what the script makes of the package', async (face) => {
    expect((await faceBytes(face)).equals(readFileSync(placeOf(face.to)))).toBe(true);
    expect(readFileSync(placeOf('OFL.txt'), 'utf8')).toBe(licence());
  });

  it('holds every character of the page’s sentences that Inter has', () => {
    const folder = new URL('../../src/studio/strings/', import.meta.url);
    const texts = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'));
    const known = new Set(FACES.map(({ characters }) => characters).join('') + FROM_THE_SYSTEM);
    const missing = [...new Set(texts.join(''))].filter((c) => c >= ' ' && !known.has(c));
    expect(missing).toEqual([]);
  });
});
