import type { Metric } from '../../src/core/metrics/types.ts';

export interface DigitsFacts {
  readonly accuracy: Metric;
  readonly calibrated: number;
  readonly seed: number;
}

/** The README that is shipped with the sample. */
export function digitsReadme({ accuracy, calibrated, seed }: DigitsFacts): string {
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  return `# digits

A vision transformer for handwritten digits: 16 patches of 7×7 pixels, width 32, 1 block with 1 head
(normalised after each part), feed-forward width 64. Input \`image\` [batch, 1, 28, 28], output
\`logits\` [batch, 10].

| measured (float32, WASM) | |
|---|---|
| accuracy on \`evaluation.npz\` | ${percent(accuracy.value)} ± ${percent(accuracy.standardError)} (${accuracy.n} images) |

## Origin and licences

- \`model.onnx\`: agentzz1/transformer_poc (MIT), exported by PyTorch, opset 14, unchanged. Its
  authors' pixels are (pixel/255 − 0.1307) / 0.3081, as \`preprocessor_config.json\` says.
- \`calibration.npz\`: ${calibrated} training images of MNIST, (nearly) as many of each digit, chosen with seed ${seed};
  \`evaluation.npz\`: MNIST test images 0 to 1999. Bytes \`image\` [n, 1, 28, 28] and \`labels\` [n].
  MNIST: LeCun, Cortes, Burges; usually given as CC BY-SA 3.0.
`;
}
