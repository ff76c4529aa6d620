import { expect, it } from 'vitest';
import { GraphBuilder } from '../onnx/build/graph-builder.ts';
import { imageChannels } from './image-channels.ts';

type Build = (g: GraphBuilder, image: string) => void;

function channels(build: Build): number | undefined {
  const g = new GraphBuilder('image');
  build(g, g.input('image', 'float32', ['n', 'c', 'h', 'w']));
  return imageChannels(g.finish().graph, 'image');
}

const weight = (g: GraphBuilder, dims: readonly number[]): string =>
  g.floats('weight', dims, new Float32Array(dims.reduce((a, b) => a * b, 1)));

it('reads the channels of an image off the convolution that takes it', () => {
  const conv: Build = (g, x) => void g.op('Conv', [x, weight(g, [4, 3, 2, 2])]);
  expect(channels(conv)).toBe(3);
  expect(channels((g, x) => conv(g, g.op('Cast', [x], { to: 10 })))).toBe(3);
  expect(channels((g, x) => void g.op('Conv', [x, weight(g, [4, 1, 2, 2])], { group: 4 }))).toBe(4);
  const half: Build = (g, x) =>
    void g.op('Conv', [x, g.op('Cast', [weight(g, [4, 5, 2, 2])], { to: 1 })]);
  expect(channels(half)).toBe(5);
});

it('does not know what no convolution reads, or only after its channels were moved', () => {
  expect(channels((g, x) => void g.op('Relu', [x]))).toBeUndefined();
  const moved: Build = (g, x) => {
    const turned = g.op('Transpose', [x], { perm: [0, 3, 1, 2] });
    g.op('Conv', [turned, weight(g, [4, 3, 2, 2])]);
  };
  expect(channels(moved)).toBeUndefined();
  const computed: Build = (g, x) => void g.op('Conv', [x, g.op('Relu', [weight(g, [4, 3, 2, 2])])]);
  expect(channels(computed)).toBeUndefined();
});
