import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { methodFiles } from './from-template.ts';

const ROOT = join(import.meta.dirname, '../..');
const names = {
  family: 'pruning',
  id: 'cut-every-other',
  constant: 'cutEveryOther',
  title: 'Cut every other',
};

describe('the folder of a new method', () => {
  it('is the template under its own names', async () => {
    const files = await methodFiles(names);
    const folder = 'src/core/methods/pruning/cut-every-other';
    expect([...files.keys()].sort()).toEqual([
      `${folder}/cut-every-other.test.ts`,
      `${folder}/cut-every-other.ts`,
      `${folder}/index.ts`,
      `${folder}/meta.ts`,
    ]);
    expect(files.get(`${folder}/index.ts`)).toBe(
      "export { cutEveryOther as method } from './cut-every-other.ts';\n",
    );
    expect(files.get(`${folder}/meta.ts`)).toContain("family: 'pruning'");
    for (const text of files.values()) expect(text).not.toMatch(/new.?method/i);
  });

  it('imports only what is there', async () => {
    const files = await methodFiles(names);
    for (const [path, text] of files) {
      const imports = [...text.matchAll(/from '(\.[^']+)'/g)];
      expect(imports.length, path).toBeGreaterThan(0);
      for (const [, to] of imports) {
        const target = normalize(join(dirname(path), to));
        expect(files.has(target) || existsSync(join(ROOT, target)), `${path}: ${to}`).toBe(true);
      }
    }
  });
});
