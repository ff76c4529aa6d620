import { describe, expect, it } from 'vitest';
import { stalePages } from '../../../tools/generate-docs.ts';
import { listTexts, methodFolders, staleLists } from '../../../tools/generate-registry.ts';
import { metaById } from './catalog.ts';
import { optionsForm } from './options-form.ts';
import { allMethods, methodById } from './registry.ts';

describe('the registry', () => {
  it('is what the method folders give (npm run generate)', () => {
    expect(staleLists()).toEqual([]);
    expect(allMethods()).toHaveLength(methodFolders().length);
    for (const method of allMethods()) expect(metaById(method.meta.id)).toBe(method.meta);
  });

  it('gives every method lines of its own, which no other method changes', () => {
    const before = listTexts(['pruning/wanda', 'sharing/deduplicate']);
    const after = listTexts(['pruning/wanda', 'quantization/half-way', 'sharing/deduplicate']);
    for (const [file, text] of after) {
      const lines = text.split('\n');
      const others = lines.filter((line) => !line.includes('halfWay'));
      expect(others.join('\n')).toBe(before.get(file));
      expect(lines.length - others.length).toBe(2);
    }
  });

  it('and the method pages are current (npm run generate)', async () => {
    expect(await stalePages()).toEqual([]);
  });

  it('lists methods by family, baselines first', () => {
    const ids = allMethods().map(({ meta }) => meta.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { meta } of allMethods()) {
      if (meta.baseline) expect(ids.indexOf(meta.baseline)).toBeLessThan(ids.indexOf(meta.id));
    }
    expect(ids.indexOf('round-to-nearest')).toBeLessThan(ids.indexOf('magnitude'));
  });

  it('keeps folder, id and family alike', () => {
    const folders = allMethods().map(({ meta }) => `${meta.family}/${meta.id}`);
    expect(folders.sort()).toEqual(methodFolders());
  });

  it('names the nearest method for an unknown id', () => {
    expect(() => methodById('gptqq')).toThrow('There is no method "gptqq"; did you mean "gptq"?');
    expect(methodById('wanda').meta.title).toBe('Wanda');
  });
});

describe('optionsForm', () => {
  it('describes every option of every method completely', () => {
    for (const { meta } of allMethods()) {
      const defaults: Record<string, unknown> = meta.options.parse({});
      for (const field of optionsForm(meta)) {
        expect(field.help.length, `${meta.id}.${field.name}`).toBeGreaterThan(40);
        // Either parsing fills the default in, or it leaves out what says no more than the default does.
        expect(defaults[field.name] ?? field.default).toEqual(field.default);
        expect(meta.options.parse({ [field.name]: field.default })).toEqual(defaults);
        if (field.kind === 'choice') expect(field.choices).toContain(field.default);
        if (field.kind === 'number') expect(field.step).toBeGreaterThan(0);
        if (field.when) expect(Object.keys(meta.options.shape)).toContain(field.when.option);
        if (field.control === 'blocks') expect(meta.blocks, meta.id).toBeDefined();
      }
    }
  });

  it('is plain data', () => {
    const form = optionsForm(methodById('magnitude').meta);
    expect(structuredClone(form)).toEqual(form);
    expect(form[0]).toMatchObject({
      name: 'sparsity',
      kind: 'number',
      minimum: 0,
      maximum: 1,
      step: 0.01,
      default: 0.5,
      when: { option: 'pattern', in: ['unstructured'] },
    });
    expect(form[1]).toMatchObject({
      kind: 'choice',
      choices: ['unstructured', '2:4', '4:8'],
      also: 'N:M',
    });
  });

  it('marks advanced options and units', () => {
    const form = optionsForm(methodById('gptq').meta);
    expect(form.find(({ name }) => name === 'bits')).toMatchObject({
      kind: 'choice',
      choices: [8, 4, 3, 2],
      unit: 'bits',
      advanced: false,
    });
    expect(form.find(({ name }) => name === 'damping')?.advanced).toBe(true);
    expect(form.find(({ name }) => name === 'staticGroups')?.kind).toBe('boolean');
  });
});
