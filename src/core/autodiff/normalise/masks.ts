import { makeValueInfo } from '../../onnx/graph/make.ts';
import type { Graph } from '../../onnx/types.ts';
import { DataType } from '../../tensor/data-type.ts';
import type { Emitter } from '../emitter.ts';

/** One Dropout of a training graph: which entries it keeps is fed, as bytes that are 0 or 1. */
export interface DropoutMask {
  /** Graph input, `train.dropout/N`. */
  readonly name: string;
  /** Those of the value it masks. */
  readonly dims: readonly number[];
  /** Probability 1 − p of a one. */
  readonly keep: number;
}

/** Asks for masks as rewrites need them. */
export class MaskInputs {
  readonly masks: DropoutMask[] = [];

  /** A new mask, declared to the emitter. Returns its name. */
  add(emit: Emitter, dims: readonly number[], keep: number): string {
    const name = `train.dropout/${this.masks.length}`;
    this.masks.push({ name, dims, keep });
    return emit.declare(name, { dataType: DataType.uint8, dims });
  }

  /** The graph with the masks as further inputs. */
  declared(graph: Graph): Graph {
    const added = this.masks.map(({ name, dims }) => makeValueInfo(name, DataType.uint8, dims));
    return added.length === 0 ? graph : { ...graph, inputs: [...graph.inputs, ...added] };
  }
}
