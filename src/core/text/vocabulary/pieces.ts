import { z } from 'zod';
import { companionJson } from '../../companions/files.ts';
import type { Companions } from '../../companions/types.ts';
import { LatheError } from '../../errors/lathe-error.ts';

/** What of a `tokenizer.json` says which tokens there are and what they are made of. */
export interface Pieces {
  readonly kind: 'merges' | 'scores' | 'words';
  /** Ids of the pieces of the model's own vocabulary. */
  readonly ids: ReadonlyMap<string, number>;
  /** Pairs that become one piece, in their order; only of kind `merges`. */
  readonly merges: readonly (readonly [string, string])[];
  /** Tokens found in a text before anything else, with what makes them special. */
  readonly added: readonly { readonly id: number; readonly special: boolean }[];
  /** Ids that the configuration of the tokenizer names: unknown, padding, those put around a text. */
  readonly named: readonly number[];
}

const id = z.int().min(0).max(16777216);
const piece = z.string().max(4096);
const merge = z.union([z.tuple([piece, piece]), piece]);

export const tokenizerSchema = z.looseObject({
  added_tokens: z.array(z.looseObject({ id, content: piece, special: z.boolean().default(false) })),
  post_processor: z.unknown().optional(),
  padding: z.looseObject({ pad_id: id.optional() }).nullish(),
  model: z.looseObject({
    type: z.string().optional(),
    vocab: z.union([z.record(z.string(), id), z.array(z.tuple([piece, z.number()]))]),
    merges: z.array(merge).optional(),
    unk_token: piece.nullish(),
    unk_id: id.nullish(),
  }),
});

export type TokenizerJson = z.infer<typeof tokenizerSchema>;

/** The tokenizer among the files; undefined where there is none. Throws `tokenizer-not-cut`. */
export function tokenizerIn(files: Companions): TokenizerJson | undefined {
  const json = companionJson(files, 'tokenizer.json');
  if (json === undefined) return undefined;
  const parsed = tokenizerSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new LatheError(
    'tokenizer-not-cut',
    `The field "${parsed.error.issues[0].path.join('.')}" of tokenizer.json is missing or of another kind, so its tokens cannot be renumbered; give the tokenizer.json that was saved with the model.`,
  );
}

/** The pieces of a tokenizer. */
export function piecesOf(json: TokenizerJson): Pieces {
  const { vocab, merges = [], unk_token, unk_id } = json.model;
  const list = Array.isArray(vocab);
  const ids = new Map(list ? vocab.map(([text], i) => [text, i]) : Object.entries(vocab));
  const unknown = unk_id ?? (typeof unk_token === 'string' ? ids.get(unk_token) : undefined);
  return {
    kind: list ? 'scores' : json.model.merges === undefined ? 'words' : 'merges',
    ids,
    merges: merges.map(pairOf),
    added: json.added_tokens,
    named: [unknown, json.padding?.pad_id, ...idsIn(json.post_processor)].filter(
      (found) => found !== undefined,
    ),
  };
}

/** "a b" or ["a", "b"]. */
export function pairOf(merge: string | readonly [string, string]): readonly [string, string] {
  if (typeof merge !== 'string') return merge;
  const space = merge.indexOf(' ');
  return [merge.slice(0, space), merge.slice(space + 1)];
}

/** Ids in a post-processor: `{id: "[CLS]", ids: [101]}` of templates, `["</s>", 2]` of the older ones. */
function idsIn(part: unknown): number[] {
  if (Array.isArray(part)) {
    const [name, token] = part as readonly unknown[];
    const pair = part.length === 2 && typeof name === 'string' && typeof token === 'number';
    return pair ? [token] : part.flatMap(idsIn);
  }
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, value]: [string, unknown]) =>
    key === 'ids' && Array.isArray(value)
      ? value.filter((token) => typeof token === 'number')
      : idsIn(value),
  );
}
