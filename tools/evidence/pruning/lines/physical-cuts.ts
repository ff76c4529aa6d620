import type { Lab, Run, SubjectName } from '../../numbers/lab.ts';
import { testFiles, testsPass } from '../../numbers/tests.ts';
import { attempt, shown, type Check, type Line } from '../../numbers/types.ts';

/** Folders whose tests hold each cut against the masked dense model, layout by layout. */
const TESTED: Readonly<Record<string, readonly string[]>> = {
  'cuts along coupled axes, every layout': ['src/core/cuts'],
  'ffn-neurons': ['src/core/methods/pruning/ffn-neurons'],
  'attention-heads': ['src/core/cuts/heads.test.ts', 'src/core/methods/pruning/attention-heads'],
  'mha-to-gqa': ['src/core/cuts/key-value-heads.test.ts', 'src/core/methods/sharing/mha-to-gqa'],
  blocks: ['src/core/methods/pruning/blocks'],
  'hidden-width': ['src/core/methods/pruning/hidden-width'],
  'vocabulary: same logits for kept tokens, same text': ['src/core/methods/pruning/vocabulary'],
  'config and tokenizer agree': ['src/core/companions', 'src/engine/companions.test.ts'],
};

const CUTS: readonly (readonly [SubjectName, string, object])[] = [
  ['prose', 'ffn-neurons', { ratio: 0.25 }],
  ['prose', 'attention-heads', { ratio: 0.25 }],
  ['prose', 'blocks', { count: 1 }],
  ['prose', 'hidden-width', { ratio: 0.2 }],
  // All of its 2048 tokens occur.
  ['prose', 'vocabulary', { coverage: 0.98 }],
  ['gpt2-like', 'ffn-neurons', { ratio: 0.25 }],
  ['gpt2-like', 'attention-heads', { ratio: 0.25 }],
  ['mail', 'ffn-neurons', { ratio: 0.5 }],
  ['mail', 'vocabulary', {}],
  ['handwriting', 'blocks', { count: 1 }],
];

export const physicalCuts: Line = {
  number: 3,
  claim:
    'Every physical cut equals the masked dense model to 1e-5 on every layout; shapes, config and tokenizer agree; the file shrinks by the forecast to the byte; latency before and after',
  checks: async function* (lab) {
    for (const [title, folders] of Object.entries(TESTED)) {
      yield await testsPass(`tests of ${title}`, testFiles(folders));
    }
    for (const [name, method, options] of CUTS) yield await realFile(lab, name, method, options);
  },
};

function realFile(lab: Lab, name: SubjectName, method: string, options: object): Promise<Check> {
  return attempt(
    `${name}, ${method} ${JSON.stringify(options)}: size as forecast, latency`,
    async () => {
      const run = await lab.run(name, [{ method, options }]);
      const { before, after, forecastBytes, evaluation } = run.report;
      const smaller = after.bytes === forecastBytes && after.bytes < before.bytes;
      const kl = shown(evaluation?.compressed.kl);
      const found = `${before.bytes} → ${after.bytes} bytes (forecast ${forecastBytes}), KL ${kl}, ${latencyOf(run)}`;
      return { found, holds: smaller };
    },
  );
}

function latencyOf({ report }: Run): string {
  const [pair] = Object.values(report.latency ?? {});
  if (pair === undefined) return 'latency not measured';
  const side = ({ median, p90, n }: { median: number; p90: number; n: number }) =>
    `${median.toFixed(2)} ms (p90 ${p90.toFixed(2)}, n ${n})`;
  return `${side(pair.original)} → ${side(pair.compressed)}`;
}
