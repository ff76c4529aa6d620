import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Model } from '../../src/core/onnx/types.ts';
import { DataType } from '../../src/core/tensor/data-type.ts';

/** Y = A·B with both as inputs, so that the runtime cannot prepack. */
export function matMulModel(n: number): Model {
  const value = (name: string) => ({
    name,
    type: { dataType: DataType.float32, dims: [{ value: n }, { value: n }] },
  });
  return {
    irVersion: 8,
    opsets: [{ domain: '', version: 17 }],
    graph: {
      name: 'product',
      nodes: [
        {
          name: '',
          opType: 'MatMul',
          domain: '',
          inputs: ['a', 'b'],
          outputs: ['y'],
          attributes: [],
        },
      ],
      initializers: [],
      inputs: [value('a'), value('b')],
      outputs: [value('y')],
      valueInfo: [],
    },
    metadata: [],
    functions: [],
  };
}

/** What the PyTorch side can time. */
export type Anchor =
  'hessian' | 'gptq' | 'magnitude' | 'wanda' | 'sparsegpt' | 'sparsegpt24' | 'alps' | 'hqq' | 'awq';

/** Medians of the PyTorch side in milliseconds, or nothing where it is not installed. */
export function torchTimes<Name extends Anchor>(
  size: number,
  names: readonly Name[],
  runs = 3,
): Readonly<Record<Name, number>> | undefined {
  const script = fileURLToPath(new URL('../../test/golden/reference_timings.py', import.meta.url));
  // WHY the path: Debian's package belongs to Debian's interpreter, which may not be the first one found.
  const { status, stdout } = spawnSync(
    '/usr/bin/python3',
    [script, String(size), String(size), String(runs), names.join(',')],
    {
      encoding: 'utf8',
      env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
    },
  );
  return status === 0 ? (JSON.parse(stdout) as Record<Name, number>) : undefined;
}
