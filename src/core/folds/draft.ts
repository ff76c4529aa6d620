import type { Layer } from '../anatomy/types.ts';
import type { Node } from '../onnx/types.ts';
import { called, storedAt, type Scene } from './scene.ts';
import type { Fold, FoldPart, FoldRows, FoldTaker, Pattern } from './types.ts';

/** Why a scale cannot be taken: the end of a sentence. */
export type Reason = string;

/** What a search has found so far; it can go back to an earlier state. */
export class Draft {
  readonly readers = new Map<string, Layer>();
  readonly rows = new Map<string, FoldRows>();
  readonly parts: FoldPart[] = [];
  readonly ties: Fold['ties'][number][] = [];
  by: FoldTaker = 'constant';

  constructor(readonly scene: Scene) {}

  /** Tries alternatives one after the other; the reason of the last when none works. */
  firstOf(alternatives: readonly (() => Reason | undefined)[]): Reason | undefined {
    let reason: Reason | undefined;
    for (const alternative of alternatives) {
      const back = this.#mark();
      reason = alternative();
      if (reason === undefined) return undefined;
      back();
    }
    return reason;
  }

  #mark(): () => void {
    const [readers, rows] = [[...this.readers], [...this.rows]];
    const [parts, ties, by] = [this.parts.length, this.ties.length, this.by];
    return () => {
      this.readers.clear();
      for (const [output, layer] of readers) this.readers.set(output, layer);
      this.rows.clear();
      for (const [output, found] of rows) this.rows.set(output, found);
      this.parts.length = parts;
      this.ties.length = ties;
      this.by = by;
    };
  }

  /** A stored operand whose entries are scaled along with the value that has this pattern. */
  part(node: Node, slot: number, pattern: Pattern, power: 1 | -1): Reason | undefined {
    const stored = storedAt(this.scene, node.inputs[slot]);
    if (stored === undefined) return `${called(node)} reads no stored numbers`;
    const { dims } = stored.tensor;
    const extra = pattern.dims.length - dims.length;
    const own = dims.map((_, axis) => pattern.dims[axis + extra] ?? 1);
    const covers =
      pattern.dims.slice(0, Math.max(0, extra)).every((d) => d === 1) &&
      own.every((d, axis) => d === 1 || d === dims[axis]);
    if (!covers) return `${called(node)} has one number for several channels`;
    const part = { output: node.outputs[0], slot, ...stored, power };
    this.parts.push({ ...part, pattern: { dims: own, labels: pattern.labels } });
    return undefined;
  }
}
