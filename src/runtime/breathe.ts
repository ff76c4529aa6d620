/** Node's way to come back after waiting messages; this layer has no Node types. */
interface MaybeNode {
  readonly setImmediate?: (callback: () => void) => void;
}

/**
 * Lets waiting messages (a cancel, above all) in. Awaiting finished work only drains microtasks, so a
 * thread that runs one session after another would never hear of a cancel. A message to oneself comes
 * back in microseconds; `setTimeout(0)` would wait 4 ms each time once nested.
 */
export function breathe(): Promise<void> {
  const { setImmediate } = globalThis as MaybeNode;
  return new Promise((resolve) => {
    if (setImmediate !== undefined) return void setImmediate(resolve);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
