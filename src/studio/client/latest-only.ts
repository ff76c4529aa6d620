/**
 * Newest wins: at most one call is in flight and at most one waits; a waiting call that is
 * overtaken resolves to `undefined`. This is what keeps a slider drag at the worker's own pace.
 */
export function latestOnly<Argument, Result>(
  perform: (argument: Argument) => Promise<Result>,
): (argument: Argument) => Promise<Result | undefined> {
  interface Waiting {
    argument: Argument;
    resolve: (result: Result | undefined) => void;
    reject: (reason: unknown) => void;
  }
  let waiting: Waiting | undefined;
  let busy = false;

  const start = (call: Waiting): void => {
    busy = true;
    perform(call.argument)
      .then(call.resolve, call.reject)
      .finally(() => {
        busy = false;
        const next = waiting;
        waiting = undefined;
        if (next !== undefined) start(next);
      });
  };

  return (argument) =>
    new Promise((resolve, reject) => {
      const call = { argument, resolve, reject };
      if (!busy) return start(call);
      waiting?.resolve(undefined);
      waiting = call;
    });
}
