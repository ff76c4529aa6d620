import type { VitConfig } from '../../../src/core/onnx/build/vit.ts';
import type { Result } from '../entry.ts';
import { percent } from '../judge-accuracy.ts';
import { trainingNote } from '../training-note.ts';
import type { TrainingConfig } from '../trainer-contract.ts';

/** The README that is shipped with the sample. */
export function handwritingReadme(
  { figure, baselines, record }: Result,
  model: VitConfig,
  config: TrainingConfig,
): string {
  const rows = baselines.map(({ name, metric }) => `| ${name}, same data | ${percent(metric)} |`);
  return `# handwriting

A vision transformer for handwritten digits: ${model.blocks} blocks of width ${model.hiddenSize} with ${model.heads} heads, feed-forward width
${model.feedForwardWidth}, patches of ${model.patchSize}×${model.patchSize} pixels; ${record.parameters} weights. Input \`pixel_values\` [batch, 1, 28, 28], output
\`logits\` [batch, 10].

| accuracy on \`evaluation.npz\` | |
|---|---|
| this model (float32, WASM) | ${percent(figure)} |
${rows.join('\n')}

${trainingNote(config, record)}

## Data and licences

- \`model.onnx\`: made by \`npm run gallery -- handwriting\`; MIT, like the project.
- \`evaluation.npz\`: MNIST test images 0 to 1999. \`calibration.npz\`: 256 training images that the
  model was not trained on. Bytes \`pixel_values\` [n, 1, 28, 28] and \`labels\` [n]; pixels become
  (pixel/255 − 0.1307) / 0.3081, as \`preprocessor_config.json\` says.
  MNIST: LeCun, Cortes, Burges; usually given as CC BY-SA 3.0.
`;
}
