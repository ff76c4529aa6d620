import { coded } from './coded/coded.ts';
import type { Form, Nest, Site } from './form.ts';
import { chooseFusion } from './fusions/choose.ts';
import { kronecker } from './kronecker/kronecker.ts';
import { masked } from './masked/masked.ts';
import { plain } from './plain/plain.ts';
import { product } from './product/product.ts';
import { scaled } from './scaled/scaled.ts';
import { sparse } from './sparse/sparse.ts';
import { split } from './split/split.ts';
import { sum } from './sum/sum.ts';
import type { Codec } from './form.ts';
import type { Coded, Encoded, Entry, Shape } from './types.ts';

/** Every kind of expression and what is known about it; nested expressions ask here again. */
export const nest: Nest = {
  form: (encoded: Encoded, site: Site): Form => {
    switch (encoded.kind) {
      case 'coded':
        return codedForm(encoded, site);
      default:
        return ask(encoded, (codec, e) => codec.form(e, site, nest));
    }
  },
  decode: (encoded: Encoded, shape: Shape) =>
    ask(encoded, (codec, e) => codec.decode(e, shape, nest)),
  did: (encoded: Encoded) => ask(encoded, (codec, e) => codec.did(e, nest)),
  group: (encoded: Encoded, shape: Shape, entry: Entry) =>
    ask(encoded, (codec, e) => codec.group(e, shape, entry, nest)),
  key: (encoded: Encoded) => ask(encoded, (codec, e) => codec.key(e, nest)),
};

/** By the first kernel that fits all readers, else by standard operators. */
function codedForm(encoded: Coded, site: Site): Form {
  return chooseFusion(encoded, site)?.form(encoded, site) ?? coded.form(encoded, site, nest);
}

/** The operator set that an expression's standard operators need. */
export function opsetOf(encoded: Encoded): number {
  return Math.max(
    ask(encoded, (codec, e) => codec.opset(e)),
    ...partsOf(encoded).map(opsetOf),
  );
}

function partsOf(encoded: Encoded): readonly Encoded[] {
  switch (encoded.kind) {
    case 'product':
    case 'kronecker':
      return [encoded.left, encoded.right];
    case 'sum':
      return encoded.parts;
    case 'masked':
    case 'sparse':
      return [encoded.values];
    case 'scaled':
      return [encoded.of];
    case 'split':
      return [encoded.kept, encoded.rest];
    default:
      return [];
  }
}

function ask<T>(encoded: Encoded, question: <E extends Encoded>(codec: Codec<E>, e: E) => T): T {
  switch (encoded.kind) {
    case 'plain':
      return question(plain, encoded);
    case 'coded':
      return question(coded, encoded);
    case 'product':
      return question(product, encoded);
    case 'kronecker':
      return question(kronecker, encoded);
    case 'sum':
      return question(sum, encoded);
    case 'masked':
      return question(masked, encoded);
    case 'sparse':
      return question(sparse, encoded);
    case 'scaled':
      return question(scaled, encoded);
    case 'split':
      return question(split, encoded);
  }
}
