import { describe, expect, it } from 'vitest';
import { adapted } from '../../test/support/adapted.ts';
import { recipe as recipeOf } from '../../test/support/sample.ts';
import { storiesModel } from '../../test/support/stories.ts';
import { readSafetensors } from '../core/adapters/safetensors.ts';
import { companionBytes, companionJson, withJson } from '../core/companions/files.ts';
import type { Companions, CompanionsRule } from '../core/companions/types.ts';
import { withoutBlocks } from '../core/methods/distillation/distill/shallow.ts';
import { bytesSource } from '../core/onnx/source.ts';
import { companionsOf, readCompanions, type Origin } from './companions.ts';
import type { FolderFile, ModelFolder } from './model/folder.ts';
import { partOf } from './model/parts.ts';

const { model, anatomy } = storiesModel();

function file(path: string, text = path): FolderFile {
  return { path, source: bytesSource(new TextEncoder().encode(text)) };
}

function folder(...files: readonly FolderFile[]): ModelFolder {
  return { name: 'stories', origin: 'file', files };
}

function origin(...company: readonly FolderFile[]): Origin {
  const files = folder(file('model.onnx'), ...company);
  const part = partOf({ path: 'model.onnx' });
  return { name: 'stories', folder: files, part, parts: [part], anatomy, task: 'language-model' };
}

/** Every file as text. */
function texts(companions: Companions): Record<string, string> {
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return Object.fromEntries([...companions].map(([k, v]) => [k, decode(companionBytes(v))]));
}

describe('the company of a model', () => {
  it('lies in the folder, beside the model or between, and nowhere else', async () => {
    const company = ['a/onnx/config.json', 'a/vocab.txt', 'merges.txt', '1_Pooling/config.json'];
    const strangers = ['b/tokenizer.json', 'a/onnx/x/spiece.model', 'notes.json', 'evaluation.txt'];
    const all = folder(file('a/onnx/m.onnx'), ...[...company, ...strangers].map((p) => file(p)));
    expect(texts(await readCompanions(all))).toEqual({
      'config.json': 'a/onnx/config.json',
      'vocab.txt': 'a/vocab.txt',
      'merges.txt': 'merges.txt',
      '1_Pooling/config.json': '1_Pooling/config.json',
    });
  });

  it('is the one at the top where there are two', async () => {
    const two = folder(file('onnx/m.onnx'), file('onnx/config.json'), file('config.json'));
    expect(texts(await readCompanions(two))).toEqual({ 'config.json': 'config.json' });
  });

  it('keeps its bytes where nothing concerns it, and is none where the model came alone', async () => {
    const odd = '{"num_hidden_layers":5,"x":1.0}';
    const open = origin(file('config.json', odd), file('tokenizer.json', '{ "a": 1 }'));
    expect(texts(await companionsOf(open, recipeOf(), model))).toEqual({
      'config.json': odd,
      'tokenizer.json': '{ "a": 1 }',
    });
    expect(texts(await companionsOf(origin(), recipeOf(), model))).toEqual({});
  });

  it('has the sizes of the model as it is now, and what the steps say, in their order', async () => {
    const open = origin(file('config.json', '{"num_hidden_layers":5,"vocab_size":512}'));
    const cut: CompanionsRule = (files) => {
      const config = companionJson(files, 'config.json') as Record<string, unknown>;
      return withJson(files, 'config.json', { ...config, vocab_size: 300 });
    };
    const note: CompanionsRule = (files) =>
      withJson(files, 'seen.json', companionJson(files, 'config.json'));
    const two = withoutBlocks(model, anatomy, [0, 3]);
    const steps = [{ companions: cut }, {}, { companions: note }];
    const files = await companionsOf(open, recipeOf(), two, steps);
    const config = { num_hidden_layers: 2, vocab_size: 300 };
    expect(companionJson(files, 'config.json')).toEqual(config);
    expect(companionJson(files, 'seen.json')).toEqual(config);
  });
});

describe('an adapter that is kept', () => {
  const { trained } = adapted(model, anatomy.layers.slice(1, 3), { rank: 4, alpha: 8 });
  const keeping = recipeOf({ method: 'lora', options: { result: 'adapter', dropout: 0.1 } });

  it('travels as PEFT loads it', async () => {
    const files = await companionsOf(origin(), keeping, trained);
    expect(companionJson(files, 'adapter/adapter_config.json')).toMatchObject({
      ...{ peft_type: 'LORA', task_type: 'CAUSAL_LM', r: 4, lora_alpha: 8, lora_dropout: 0.1 },
      base_model_name_or_path: 'stories',
    });
    const weights = files.get('adapter/adapter_model.safetensors');
    expect(weights && readSafetensors(companionBytes(weights))).toHaveLength(4);
    const classifier = { ...origin(), task: 'classifier' as const };
    const other = await companionsOf(classifier, keeping, trained);
    expect(companionJson(other, 'adapter/adapter_config.json')).toMatchObject({
      task_type: 'SEQ_CLS',
    });
    const tagger = { ...origin(), task: 'token-classifier' as const };
    const tags = await companionsOf(tagger, keeping, trained);
    expect(companionJson(tags, 'adapter/adapter_config.json')).toMatchObject({
      task_type: 'TOKEN_CLS',
    });
  });

  it('is none where the recipe keeps none, or a later step took it in', async () => {
    expect(await companionsOf(origin(), recipeOf({ method: 'lora' }), trained)).toEqual(new Map());
    expect(await companionsOf(origin(), keeping, model)).toEqual(new Map());
  });
});
