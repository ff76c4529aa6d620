import { expect, it } from 'vitest';
import { presetByName } from '../../core/recipe/presets.ts';
import type { Report } from '../../core/report/types.ts';
import type { Trial } from '../trials/types.ts';
import { modelCard } from './card.ts';

const { recipe } = presetByName('q4');
const size = (bytes: number) => ({ bytes, parameters: 100, bitsPerWeight: bytes / 10 });
const metric = (value: number, standardError: number) => ({ value, standardError, n: 3980 });

const report: Report = {
  ...{ version: 1, tool: 'lathe', inputSha256: 'aa', outputSha256: 'bb', forecastBytes: 100 },
  ...{ recipe, before: size(350), after: size(100), verified: true, scores: 'quality' },
  coverage: { compressedBytes: 1, totalBytes: 1, skipped: [] },
  layers: [1, 2, 3].map((error) => ({
    ...{ name: String(error), method: 'gptq', options: {}, errorKind: 'output' as const },
    ...{ relativeError: error, baselineRelativeError: 2.5, bytesBefore: 1, bytesAfter: 1 },
  })),
  evaluation: {
    ...{ data: 'evaluation.txt', sha256: 'cc', protocol: '60 documents' },
    original: { perplexity: metric(3.573, 0.081) },
    compressed: { perplexity: metric(3.575, 0.081), sameTop1: metric(0.98798, 0.00082) },
    difference: { perplexity: metric(0.002, 0.001) },
  },
  latency: {},
};

const trial: Trial = {
  ...{ id: 'a', model: { name: 'stories', sha256: 'aa' }, name: 'q4', recipe, createdAt: 0 },
  ...{ state: 'done', report },
};

it('says first what the file costs, then how that was measured and how to load it', () => {
  const loading = { task: 'language-model', hasTokenizer: true, hasConfig: true };
  const card = modelCard(trial, 'onnx/model_q4.onnx', [{ path: 'onnx/other.onnx' }], loading);
  expect(card.split('\n').slice(0, 20)).toEqual([
    '# stories, compressed: q4',
    '',
    '**3.5× smaller, no measurable loss (+0.0020 ± 0.0010 perplexity).**',
    '',
    '`onnx/model_q4.onnx` was made with Lathe from the model with sha256 `aa`. Its own is `bb`.',
    '',
    '350 → 100 bytes, 10.00 bits per weight.',
    '',
    'Measured on evaluation.txt: 60 documents.',
    '',
    '| measure | original | compressed | difference | n |',
    '|---|---|---|---|---|',
    '| perplexity | 3.573 ± 0.081 | 3.575 ± 0.081 | +0.0020 ± 0.0010 | 3980 |',
    '| same top token |  | 98.798 % ± 0.082 |  | 3980 |',
    '',
    '± is one standard error; differences are paired. "n = 1": one example says nothing about its error.',
    '',
    'gptq: better than round-to-nearest on 2 of 3 layers.',
    '',
    'Beside it as it was: `onnx/other.onnx`.',
  ]);
  expect(card).toContain("await pipeline('text-generation', 'stories-q4', { dtype: 'q4' });");
  expect(card).toContain('session = ort.InferenceSession("onnx/model_q4.onnx")');
  expect(card).toContain(`## Recipe\n\n\`\`\`json\n${JSON.stringify(recipe, null, 2)}\n\`\`\``);
});

it('says what was not measured, and loads what it can', () => {
  const failed = { evaluation: undefined, notMeasured: 'The operator Conv failed.' };
  const unmeasured = { ...trial, report: { ...report, ...failed } };
  const loading = { task: 'unknown', hasTokenizer: false, hasConfig: false };
  const card = modelCard(unmeasured, 'onnx/model_q4.onnx', [], loading);
  expect(card).toContain('**3.5× smaller, quality not measured (The operator Conv failed).**');
  const untimed = { ...trial, report: { ...report, notMeasured: 'The operator Conv failed.' } };
  expect(modelCard(untimed, 'onnx/model_q4.onnx')).toContain(
    '\nSpeed not measured: The operator Conv failed.\n',
  );
  expect(card).not.toContain('transformers');
  expect(card).toContain('```python');
});
