import { describe, expect, it } from 'vitest';
import { evaluators } from '../shape/evaluate/evaluators.ts';
import { shapeRules } from '../shape/rules/rules.ts';
import { NEWEST_OPSET, operatorEntry, OPERATORS } from './table.ts';

describe('operator table', () => {
  it('holds each operator once, with versions in order', () => {
    const names = OPERATORS.map(({ domain, name }) => `${domain}:${name}`);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(150);
    for (const { since, breaking } of OPERATORS) {
      expect(since).toEqual([...new Set(since)].sort((a, b) => a - b));
      expect(since.at(-1)).toBeLessThanOrEqual(NEWEST_OPSET);
      expect(breaking.filter((version) => !since.includes(version))).toEqual([]);
    }
  });

  it('uses every shape rule, and names only operators that exist', () => {
    const used = new Set<string>(OPERATORS.map((entry) => entry.shape));
    expect(Object.keys(shapeRules).filter((id) => !used.has(id))).toEqual([]);
    const computed = [...evaluators.keys()];
    expect(computed.filter((name) => operatorEntry(name, '') === undefined)).toEqual([]);
  });

  it('knows both spellings of the default domain', () => {
    expect(operatorEntry('Add', 'ai.onnx')).toBe(operatorEntry('Add', ''));
    expect(operatorEntry('MatMulNBits', 'com.microsoft')?.attributes).toContain('block_size');
    expect(operatorEntry('MatMulNBits', '')).toBeUndefined();
    expect(operatorEntry('Reshape', '')?.shapeInputs).toEqual([1]);
    expect(operatorEntry('Softmax', '')?.elementwise).toBe(false);
  });
});
