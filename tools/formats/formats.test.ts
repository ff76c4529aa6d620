import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FORMAT_CASES } from '../../src/runtime/formats/cases.ts';
import { versionOf } from './report.ts';

describe('docs/formats.md', () => {
  const text = readFileSync(new URL('../../docs/formats.md', import.meta.url), 'utf8');

  it('has a row for every form, measured with the onnxruntime that is installed', () => {
    const counts = new Map<string, number>();
    for (const { group } of FORMAT_CASES) counts.set(group, (counts.get(group) ?? 0) + 1);
    for (const [group, count] of counts) expect(text).toContain(`| ${group} (${count})`);
    for (const name of ['onnxruntime-web', 'onnxruntime-node'])
      expect(text, 'run `npm run formats` again').toContain(`${name} ${versionOf(name)}`);
  });
});
