/** Runs jobs strictly one after another. */
export type Queue = <T>(job: () => Promise<T>) => Promise<T>;

/**
 * A mutex as a queue. Two overlapping `create` or `run` calls hang the native WebGPU build, so every
 * call into onnxruntime goes through one of these. A job that fails is forgotten by the next one.
 */
export function createQueue(): Queue {
  let tail: Promise<unknown> = Promise.resolve();
  return (job) => {
    const result = tail.catch(noop).then(job);
    tail = result;
    return result;
  };
}

function noop(): void {}
