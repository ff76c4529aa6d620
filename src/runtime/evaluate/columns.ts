import type { TokenWindow } from '../../core/data/types.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import type { Logits } from './logits.ts';

/**
 * Windows in the tokens of a model that keeps only some of the data's: `columns[c]` is the data's token that its
 * token c stands for. Throws `token-not-kept`.
 */
export function inOwnTokens(columns: Int32Array | undefined): (window: TokenWindow) => TokenWindow {
  if (columns === undefined) return (window) => window;
  const own = new Map(Array.from(columns, (token, column) => [token, column]));
  return (window) => ({
    ...window,
    ids: window.ids.map((id) => {
      const column = own.get(id);
      if (column === undefined) throw notKept(id, columns.length);
      return column;
    }),
  });
}

/** Scores of the columns a smaller vocabulary keeps, in its order. */
export function atColumns({ values, rows, classes }: Logits, columns: Int32Array): Logits {
  const kept = new Float32Array(rows * columns.length);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < columns.length; c++) {
      kept[row * columns.length + c] = values[row * classes + columns[c]];
    }
  }
  return { values: kept, rows, classes: columns.length };
}

/** The data holds a token that a smaller vocabulary lacks. */
export function notKept(id: number, kept: number): LatheError {
  return new LatheError(
    'token-not-kept',
    `The data holds the token ${id}, which is not among the ${kept} the model keeps; cut the data with the tokenizer that was written with the model.`,
    { id, kept },
  );
}
