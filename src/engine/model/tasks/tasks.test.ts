import { describe, expect, it } from 'vitest';
import { tinyMailFolder } from '../../../../test/support/tiny-mail.ts';
import { recognise } from '../../../core/anatomy/recognise.ts';
import { GraphBuilder } from '../../../core/onnx/build/graph-builder.ts';
import type { Model } from '../../../core/onnx/types.ts';
import { dataTask } from '../../data/data-task.ts';
import type { ModelConfig } from '../config.ts';
import { openModel } from '../open.ts';
import { findTask, taskOf, type Task } from '../task.ts';

type Dims = readonly (number | string)[];

const WORDS = ['input_ids', 'attention_mask', 'token_type_ids'];

/** A graph with these inputs and outputs and nothing of sense between them. */
function graph(inputs: Record<string, Dims>, outputs: Record<string, Dims>): Model {
  const g = new GraphBuilder('shapes');
  const ports = Object.entries(inputs).map(([name, dims]) =>
    g.input(name, dims.length === 2 && !/values/.test(name) ? 'int64' : 'float32', dims),
  );
  for (const [name, dims] of Object.entries(outputs)) {
    g.output(g.op('Cast', [ports[0]], { to: 1 }), 'float32', dims, name);
  }
  return g.finish();
}

const text = Object.fromEntries(WORDS.map((name) => [name, ['batch', 'sequence']]));
const image = { pixel_values: ['batch', 'channels', 'height', 'width'] };
const sound = { input_values: ['batch', 'samples'], attention_mask: ['batch', 'samples'] };
const perToken = (width: number) => ({ logits: ['batch', 'sequence', width] });

function told(model: Model, config: ModelConfig = {}): Task {
  return taskOf(model, recognise(model), config).task;
}

describe('the task that is told', () => {
  it.each<[string, Model, ModelConfig, Task]>([
    ['two classes', graph(text, { logits: ['batch', 2] }), {}, 'classifier'],
    ['images', graph(image, { logits: ['batch', 1000] }), {}, 'classifier'],
    [
      'open classes that config.json names',
      graph(text, { logits: ['batch', 'labels'] }),
      { id2label: { 0: 'a', 1: 'b' } },
      'classifier',
    ],
    [
      'one number, as of a reranker',
      graph(text, { logits: ['batch', 1] }),
      { architectures: ['BertForSequenceClassification'] },
      'unknown',
    ],
    [
      'tags',
      graph(text, perToken(7)),
      { architectures: ['BertForTokenClassification'] },
      'token-classifier',
    ],
    ['tags without a config', graph(text, perToken(7)), {}, 'token-classifier'],
    ['letters of speech', graph(sound, perToken(32)), {}, 'token-classifier'],
    [
      'answers',
      graph(text, { start_logits: ['batch', 'sequence'], end_logits: ['batch', 'sequence'] }),
      {},
      'question-answering',
    ],
    [
      'pairs',
      graph(
        { ...text, ...image },
        { text_embeds: ['texts', 48], logits_per_image: ['images', 'texts'] },
      ),
      {},
      'pairs',
    ],
    [
      'sentence embeddings',
      graph(text, {
        last_hidden_state: ['batch', 'sequence', 96],
        sentence_embedding: ['batch', 96],
      }),
      {},
      'encoder',
    ],
    ['one embedding', graph(text, { sentence_embedding: ['batch', 384] }), {}, 'encoder'],
    [
      'a tower of CLIP',
      graph(image, { image_embeds: ['batch', 512] }),
      { architectures: ['CLIPVisionModelWithProjection'] },
      'encoder',
    ],
    [
      'features of speech',
      graph({ input_features: ['batch', 80, 3000] }, { last_hidden_state: ['batch', 1500, 64] }),
      {},
      'encoder',
    ],
    [
      'a decoder that reads an encoder',
      graph({ ...text, encoder_hidden_states: ['batch', 'source', 64] }, perToken(256)),
      { vocab_size: 256 },
      'sequence-to-sequence',
    ],
    [
      'masked words',
      graph(text, perToken(256)),
      { vocab_size: 256, architectures: ['BertForMaskedLM'] },
      'masked-language-model',
    ],
    ['the next word', graph(text, perToken(256)), { vocab_size: 256 }, 'language-model'],
    ['boxes', graph(image, { boxes: ['batch', 4, 4, 4] }), {}, 'unknown'],
  ])('of %s', (_, model, config, task) => {
    expect(told(model, config)).toBe(task);
  });

  it('sees through outputs without a declared shape', () => {
    const g = new GraphBuilder('undeclared');
    const ids = g.input('input_ids', 'int64', ['batch', 'sequence']);
    const table = g.floats('table', [256, 256], new Float32Array(65536));
    g.output(g.op('Gather', [table, ids]), 'float32', ['batch', 'sequence', 256], 'logits');
    const whole = g.finish();
    const [logits] = whole.graph.outputs;
    const open = { ...logits, type: { dataType: 1 } };
    const model = { ...whole, graph: { ...whole.graph, outputs: [open] } } as Model;
    expect(told(model, { vocab_size: 256 })).toBe('language-model');
  });

  it('comes with its reason', () => {
    const model = graph(text, { logits: ['batch', 2] });
    const config = { architectures: ['BertForSequenceClassification'] };
    expect(taskOf(model, recognise(model), config).reason).toBe(
      '"logits" scores 2 classes per example, and config.json says BertForSequenceClassification',
    );
  });
});

describe('the task that is asked for', () => {
  const model = graph(text, { logits: ['batch', 2] });
  const ground = { model, anatomy: recognise(model), config: {} };

  it('goes before what is told, and says so', () => {
    expect(findTask('m', ground)).toMatchObject({ task: 'classifier', taskAsked: false });
    expect(findTask('m', ground, 'encoder')).toEqual({
      task: 'encoder',
      taskReason:
        'it was asked for; it looks like classifier: "logits" scores 2 classes per example',
      tasks: ['classifier', 'encoder', 'unknown'],
      taskAsked: true,
    });
  });

  it('is refused where the graph cannot serve it', () => {
    expect(() => findTask('m', ground, 'token-classifier')).toThrow(
      'The model "m" cannot serve as token-classifier, because no output holds a row of scores per position (it has "logits" [batch, 2]); choose one of classifier, encoder, unknown.',
    );
    const refusal = (task: Task) => {
      try {
        findTask('m', ground, task);
        return '';
      } catch (error) {
        return String(error);
      }
    };
    expect(refusal('sequence-to-sequence')).toContain('no input takes what an encoder read');
    expect(refusal('question-answering')).toContain('no two outputs score the start and the end');
    expect(refusal('pairs')).toContain('no output scores features against texts');
    const pixels = graph(image, { logits: ['batch', 10] });
    const anatomy = recognise(pixels);
    expect(() => findTask('m', { model: pixels, anatomy, config: {} }, 'language-model')).toThrow(
      'because no input takes tokens (it has "logits" [batch, 10])',
    );
  });

  it('comes with the folder', async () => {
    const folder = await tinyMailFolder();
    expect((await openModel(folder)).task).toBe('classifier');
    expect((await openModel({ ...folder, task: 'unknown' })).task).toBe('unknown');
  });
});

describe('the task that data tells', () => {
  const encoder = {
    task: 'encoder',
    tasks: ['encoder', 'token-classifier'],
    taskAsked: false,
  } as const;
  const arrays = {};
  const positionLabels = { width: 2, values: Int32Array.of(0, 1) };
  const data = { kind: 'examples', name: 'd', arrays, count: 1 } as const;

  it('is that of its labels, where the graph can serve it', () => {
    expect(dataTask(encoder, undefined)).toBe('encoder');
    expect(dataTask(encoder, data)).toBe('encoder');
    expect(dataTask(encoder, { ...data, positionLabels })).toBe('token-classifier');
    expect(dataTask(encoder, { ...data, labels: Int32Array.of(0) })).toBe('encoder');
    expect(dataTask({ ...encoder, taskAsked: true }, { ...data, positionLabels })).toBe('encoder');
    const unknown = { ...encoder, task: 'unknown', tasks: ['classifier', 'unknown'] } as const;
    const labelled = { kind: 'text', name: 't', documents: [''], writtenLabels: ['a'] } as const;
    expect(dataTask(unknown, labelled)).toBe('classifier');
    expect(dataTask({ ...unknown, task: 'classifier' }, { ...data, positionLabels })).toBe(
      'classifier',
    );
  });
});
