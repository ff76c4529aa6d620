/** What {@link recognise} finds in a graph. Found by structure, never by names. */

/** The use of one linear map inside the model. */
export type Role =
  | 'query'
  | 'key'
  | 'value'
  | 'query-key-value'
  | 'attention-output'
  | 'gate'
  | 'up'
  | 'gate-up'
  | 'down'
  | 'router'
  | 'embedding'
  | 'position-embedding'
  | 'output-head'
  | 'patch'
  | 'projection'
  | 'other';

/** The groups a recipe can target by name (DESIGN §5). */
export type RoleGroup = 'attention' | 'feed-forward' | 'embedding' | 'output-head' | 'other';

/**
 * One linear map (or embedding look-up) with a weight that can be compressed.
 * y = x·Wᵀ (+ b) with W of shape [outFeatures, inFeatures].
 * A Conv is the linear map of its unfolded patches: inFeatures = C/group·∏kernel.
 * An embedding is [vocabulary, width]: outFeatures = vocabulary, inFeatures = width.
 */
export interface Layer {
  /** Unique within the model and shown on screen: the weight's initializer name (a node suffix if shared). */
  readonly name: string;
  /** The node's first output: values are assigned once, so this identifies the node. */
  readonly output: string;
  readonly op: 'MatMul' | 'Gemm' | 'Conv' | 'Gather';
  /** Initializer that holds the weight, or its codes. */
  readonly weight: string;
  /** The value the weight is multiplied with ('' for Gather indices is never used: it is the indices). */
  readonly input: string;
  readonly outFeatures: number;
  readonly inFeatures: number;
  /** How the initializer lies in memory: 'in-out' = [in, out] (MatMul), 'out-in' = [out, in] (Gemm transB, Conv, Gather). */
  readonly layout: 'in-out' | 'out-in';
  /** Set when the weight is stored as codes. */
  readonly stored?: StoredAs;
  /**
   * Further nodes that are this same map: in a merged decoder the branch with a cache reads the same
   * weight. What is done to the layer is done to them.
   */
  readonly twins?: readonly Twin[];
  /** Bias initializer when there is one (Gemm C, Conv B, or the Add right behind). */
  readonly bias?: string;
  readonly role: Role;
  readonly group: RoleGroup;
  /** Block index, when the layer belongs to a block. */
  readonly block?: number;
  /** Which stack a block belongs to in encoder-decoder models. */
  readonly stack?: 'encoder' | 'decoder';
}

/** How a quantized weight is stored. */
export interface StoredAs {
  /** Bits of one code. */
  readonly bits: number;
  /** For people: "int4 block 32 symmetric, MatMulNBits". */
  readonly text: string;
}

/** A node in the other branch of a merged decoder that multiplies with a layer's weight, too. */
export type Twin = Pick<Layer, 'output' | 'op' | 'input'>;

/** One branch of a block: what is computed from the residual stream and added back onto it. */
export interface SubLayer {
  readonly kind: 'attention' | 'cross-attention' | 'feed-forward';
  /** The residual stream as its sum reads it … */
  readonly input: string;
  /** … and right behind the sum: after the norm, where norms follow the sums. */
  readonly output: string;
  /**
   * Without the sub-layer, what reads `value` reads `instead`: its output and its input; where attention and
   * feed-forward are added to each other first, their sum and the other of the two.
   */
  readonly bypass: { readonly value: string; readonly instead: string };
  /** What it adds to the stream: the branch behind its last map, as the sum reads it. */
  readonly added: string;
}

/** One transformer block. */
export interface Block {
  readonly index: number;
  readonly stack: 'encoder' | 'decoder';
  readonly heads?: number;
  readonly keyValueHeads?: number;
  readonly headSize?: number;
  readonly feedForwardWidth?: number;
  readonly gated?: boolean;
  /** Of a mixture: how many feed-forward parts there are to choose from … */
  readonly experts?: number;
  /** … and how many of them each token goes through. */
  readonly topK?: number;
  readonly crossAttention?: boolean;
  /** Residual stream values at the block's entry and exit. */
  readonly input: string;
  readonly output: string;
  /** In the order they join the stream; a part that was not recognised is not among them. */
  readonly subLayers: readonly SubLayer[];
  /** Indices into `graph.nodes`, ascending. */
  readonly nodes: readonly number[];
  /** Names of the block's layers. */
  readonly layers: readonly string[];
}

/** A stored weight that is in no layer. */
export interface Aside {
  readonly weight: string;
  /** The end of a sentence: "… is already quantized (MatMulNBits)". */
  readonly reason: string;
}

export interface Anatomy {
  readonly kind: 'transformer' | 'layers-only';
  /** For people: "Llama-like", "GPT-2-like", "OPT-like", "BERT-like", "ViT-like", "encoder-decoder", "transformer", "layers only". */
  readonly layout: string;
  readonly layers: readonly Layer[];
  readonly blocks: readonly Block[];
  readonly hiddenSize?: number;
  readonly vocabularySize?: number;
  /** Embedding and output head hold the same values (same initializer, or equal bytes). */
  readonly tiedHead?: boolean;
  readonly normalization?: 'layer-norm' | 'rms-norm';
  readonly normPlacement?: 'pre' | 'post';
  readonly positions?: 'rotary' | 'learned' | 'none';
  /** Weights that are in no layer, each with the reason. */
  readonly aside?: readonly Aside[];
  /** What was not recognised, one sentence each. */
  readonly notes: readonly string[];
}
