import { makeTensor } from '../../../onnx/graph/make.ts';
import { plannedData } from '../../../onnx/tensor-data.ts';
import { allNames } from '../../../onnx/graph/values.ts';
import type { Model, Tensor } from '../../../onnx/types.ts';
import type { ValuePair } from '../../../training/objective.ts';
import { byteLengthOf, DataType } from '../../../tensor/data-type.ts';
import type { Random } from '../../../random/random.ts';

export interface Projected {
  /** The student with the matrices beside its own weights; nothing in the model reads them. */
  readonly student: Model;
  readonly pairs: readonly ValuePair[];
  /** Names of the matrices. */
  readonly projections: readonly string[];
}

/**
 * Gives each pair of hidden states of different width a matrix W [d, d′] of its own, so that h·W of the
 * student can be like h′ of the teacher. W is trained with the student and begins uniform in ±1/√d, as
 * PyTorch's linear layers do; equal widths need none.
 * @see Romero et al. 2015, arXiv:1412.6550, §2.1; Jiao et al. 2020, arXiv:1909.10351, eq. 8
 */
export function withProjections(
  student: Model,
  pairs: readonly ValuePair[],
  [own, guide]: readonly [number | undefined, number | undefined],
  random?: Random,
): Projected {
  if (own === undefined || guide === undefined || own === guide) {
    return { student, pairs, projections: [] };
  }
  const names = allNames(student.graph);
  const matrices = pairs.map((_, at) => {
    let name = `distill.projection.${at}`;
    while (names.has(name)) name += '_';
    return drawn(name, [own, guide], random);
  });
  const initializers = [...student.graph.initializers, ...matrices];
  return {
    student: { ...student, graph: { ...student.graph, initializers } },
    pairs: pairs.map((pair, at) => ({ ...pair, projection: matrices[at].name })),
    projections: matrices.map(({ name }) => name),
  };
}

function drawn(name: string, [rows, columns]: readonly [number, number], random?: Random): Tensor {
  if (random === undefined) return hole(name, [rows, columns]);
  const bound = 1 / Math.sqrt(rows);
  const values = Float32Array.from(
    { length: rows * columns },
    () => (2 * random.next() - 1) * bound,
  );
  return makeTensor(name, [rows, columns], values);
}

function hole(name: string, dims: readonly number[]): Tensor {
  const dataType = DataType.float32;
  return { name, dims, dataType, data: plannedData(byteLengthOf(dataType, dims)) };
}
