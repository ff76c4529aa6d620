import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { commandArguments } from '../../src/cli/arguments.ts';
import { readRecipe } from '../../src/cli/commands/compress.ts';
import { OUTPUT_OPTIONS } from '../../src/cli/outputs.ts';
import { PRESETS, presetByName } from '../../src/core/recipe/presets.ts';
import { parseRecipe } from '../../src/core/recipe/schema.ts';
import type { Recipe } from '../../src/core/recipe/types.ts';
import type { Report } from '../../src/core/report/types.ts';
import { pythonSnippet } from '../../src/core/snippets/python.ts';
import { transformersJsSnippet } from '../../src/core/snippets/transformers-js.ts';
import { compressCommand } from '../../src/studio/recipe/command.ts';
import { markdownRow } from '../../src/studio/recipe/markdown-row.ts';

/** What the page puts on the clipboard, read by who it is for. */
const presets = PRESETS.map(({ name, recipe }) => ({ id: name, recipe }));
const folder = mkdtempSync(join(tmpdir(), 'lathe-copied-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A shell runs the lines, with a command in the place of ours that tells its words. */
async function runInShell(lines: string): Promise<{ words: string[]; recipe: Recipe }> {
  const script = `npx() { printf '%s\\0' "$@"; }\n${lines}\n`;
  const told = execFileSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' });
  const words = told.split('\0').slice(0, -1);
  expect(words.slice(0, 2)).toEqual(['lathe', 'compress']);
  const kinds = { ...OUTPUT_OPTIONS, recipe: 'string', eval: 'string', part: 'string' } as const;
  const { options } = commandArguments('compress', words.slice(2), kinds, ['recipe', 'out']);
  const named = String(options['recipe']);
  const path = named.endsWith('.json') ? join(folder, named) : named;
  return { words, recipe: await readRecipe(path) };
}

describe('the command', () => {
  const model = { origin: 'sample:stories', name: 'stories' };

  it.each(PRESETS.map(({ name }) => name))('is one line for the preset %s', async (name) => {
    const { recipe } = presetByName(name);
    const command = compressCommand(structuredClone(recipe), model, 'model.onnx', presets);
    expect(command).not.toContain('\n');
    const run = await runInShell(command);
    expect(run.words).toContain(name);
    expect(run.recipe).toEqual(recipe);
  });

  it('brings any other recipe along, whatever is in it', async () => {
    const { recipe: tiny } = presetByName('tiny');
    const mine = parseRecipe({ ...tiny, name: `it's "mine" $HOME \`ls\``, seed: 7 });
    const own = { origin: 'file', name: "a model's file" };
    const run = await runInShell(compressCommand(mine, own, 'model_q4.onnx', presets));
    expect(run.recipe).toEqual(mine);
    expect(run.words[2]).toBe("a model's file.onnx");
    // A preset under another name makes other bytes: the recipe travels inside the file.
    const renamed = { ...tiny, name: 'other' };
    expect((await runInShell(compressCommand(renamed, own, 'm.onnx', presets))).recipe).toEqual(
      renamed,
    );
  });
});

describe('transformers.js', () => {
  const of = (file: string, task: string, hasTokenizer = true) =>
    transformersJsSnippet({ folder: 'stories-q4', file, task, hasTokenizer });

  it('is six lines, and says which file by its dtype', () => {
    expect(of('model_q4.onnx', 'language-model')).toBe(
      [
        "import { env, pipeline } from '@huggingface/transformers';",
        "env.localModelPath = './'; // where stories-q4/ lies, unzipped",
        'env.allowRemoteModels = false;',
        "const run = await pipeline('text-generation', 'stories-q4', { dtype: 'q4' });",
        "const answer = await run('Once upon a time', { max_new_tokens: 32 });",
        'console.log(answer);',
      ].join('\n'),
    );
    expect(of('model_quantized.onnx', 'classifier', false)).toContain(
      "pipeline('image-classification', 'stories-q4', { dtype: 'q8' })",
    );
    expect(of('model_lathe.onnx', 'encoder')).toContain(
      "{ model_file_name: 'model_lathe', dtype: 'fp32' }",
    );
    expect(of('text_model_q4f16.onnx', 'unknown')).toContain(
      "AutoModel.from_pretrained('stories-q4', { model_file_name: 'text_model', dtype: 'q4f16' })",
    );
  });
});

it('Python reads text only where there is a tokenizer', () => {
  const text = pythonSnippet({ file: 'model_q4.onnx', hasTokenizer: true });
  expect(text).toContain('ort.InferenceSession("model_q4.onnx")');
  expect(text).toContain('Tokenizer.from_file("tokenizer.json")');
  const numbers = pythonSnippet({ file: 'model_q4.onnx', hasTokenizer: false });
  expect(numbers).not.toContain('okenizer');
});

it('a result is a row of a table', () => {
  const read = (name: string) =>
    JSON.parse(readFileSync(`test/fixtures/verdicts/${name}.json`, 'utf8')) as Report;
  const [heading, line, row] = markdownRow('a|b', read('equal')).split('\n');
  expect(heading).toBe('| model | size | ratio | perplexity | difference | n | speed | sha256 |');
  expect(line).toBe('|---|---|---|---|---|---|---|---|');
  expect(row).toBe(
    '| a\\|b | 1.24 MB → 393 kB | 3.2× smaller | 3.576 ± 0.081 | +0.0022 ± 0.0014 | 14144 | as fast | f836c5844597 |',
  );
  expect(markdownRow('q4', read('not-measured'))).toContain('| not measured |');
});
