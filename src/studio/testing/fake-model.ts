/** A made-up model for looking at screens and testing the page's logic. Never part of the product. */
import type { Anatomy, Layer, Role, RoleGroup } from '../../core/anatomy/types.ts';
import type { ModelFolder, ModelView } from '../../../workers/protocol.ts';

const PARTS: readonly [string, Role, RoleGroup, number, number][] = [
  ['self_attn.q_proj', 'query', 'attention', 64, 64],
  ['self_attn.k_proj', 'key', 'attention', 32, 64],
  ['self_attn.v_proj', 'value', 'attention', 32, 64],
  ['self_attn.o_proj', 'attention-output', 'attention', 64, 64],
  ['mlp.gate_proj', 'gate', 'feed-forward', 172, 64],
  ['mlp.up_proj', 'up', 'feed-forward', 172, 64],
  ['mlp.down_proj', 'down', 'feed-forward', 64, 172],
];

function layer(name: string, role: Role, group: RoleGroup, out: number, inF: number): Layer {
  return {
    name,
    output: `${name}.out`,
    op: role === 'embedding' ? 'Gather' : 'MatMul',
    weight: name,
    input: `${name}.in`,
    outFeatures: out,
    inFeatures: inF,
    layout: 'in-out',
    role,
    group,
  };
}

function anatomy(blocks: number): Anatomy {
  const inside = Array.from({ length: blocks }, (_, block) =>
    PARTS.map(([name, role, group, out, inF]) => ({
      ...layer(`model.layers.${block}.${name}.weight`, role, group, out, inF),
      block,
    })),
  );
  return {
    kind: 'transformer',
    layout: 'Llama-like',
    layers: [
      layer('model.embed_tokens.weight', 'embedding', 'embedding', 512, 64),
      ...inside.flat(),
      layer('lm_head.weight', 'output-head', 'output-head', 512, 64),
    ],
    blocks: inside.map((layers, index) => ({
      index,
      stack: 'decoder' as const,
      heads: 8,
      keyValueHeads: 4,
      headSize: 8,
      feedForwardWidth: 172,
      gated: true,
      input: '',
      output: '',
      subLayers: [],
      nodes: [],
      layers: layers.map(({ name }) => name),
    })),
    hiddenSize: 64,
    vocabularySize: 512,
    tiedHead: true,
    normalization: 'rms-norm',
    positions: 'rotary',
    notes: [],
  };
}

export function fakeView(
  folder: ModelFolder,
  task: ModelView['task'] = 'language-model',
): ModelView {
  const found = anatomy(5);
  return {
    name: folder.name,
    origin: folder.origin,
    part: { path: 'model.onnx', role: 'model', dtype: 'fp32' },
    parts: [{ path: 'model.onnx', role: 'model', dtype: 'fp32', bytes: 1_056_540 }],
    sha256: 'b0a507e7ad0f626624f17112325e66691f9076d622e1d3274d103d00299f2696',
    bytes: 1_056_540,
    parameters: 260_032,
    bitsPerWeight: 32,
    bytesByType: { float32: 1_040_128 },
    nodes: 214,
    opset: 18,
    anatomy: found,
    tensors: found.layers.map(({ name, outFeatures, inFeatures }, layer) => ({
      name,
      dims: [outFeatures, inFeatures],
      dataType: 'float32',
      bytes: outFeatures * inFeatures * 4,
      layer,
    })),
    layerBytes: found.layers.map(({ outFeatures, inFeatures }) => outFeatures * inFeatures * 4),
    task,
    taskReason: 'a test says so',
    tasks: [task, 'unknown'],
    hasTokenizer: true,
    data: {
      calibration: {
        name: 'calibration.txt',
        bytes: 81_000,
        summary: '152 stories, 26 200 tokens',
      },
      evaluation: { name: 'evaluation.txt', bytes: 50_000, summary: '60 stories, 13 855 tokens' },
    },
    warnings: [],
  };
}
