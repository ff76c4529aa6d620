/** Which point one looks at: outside of React's state, so that hundreds of points do not render anew for it. */
export interface Hover {
  readonly subscribe: (onChange: () => void) => () => void;
  readonly current: () => string | undefined;
  /** The pointer came to a point, or the focus. */
  readonly point: (id: string) => void;
  readonly focus: (id: string) => void;
  /** The pointer left; what is looked at stays long enough to be reached by it. */
  readonly leave: () => void;
  readonly blur: () => void;
  /** The pointer is over what tells about the point. */
  readonly keep: () => void;
}

const LINGER_MS = 180;

export function createHover(): Hover {
  let [pointed, focused] = [undefined, undefined] as (string | undefined)[];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const listeners = new Set<() => void>();
  const tell = (): void => listeners.forEach((listener) => listener());
  const point = (id: string | undefined): void => {
    clearTimeout(timer);
    pointed = id;
    tell();
  };
  const focus = (id: string | undefined): void => {
    focused = id;
    tell();
  };
  return {
    subscribe: (onChange) => {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
    current: () => pointed ?? focused,
    point,
    focus,
    leave: () => {
      clearTimeout(timer);
      timer = setTimeout(point, LINGER_MS, undefined);
    },
    blur: () => focus(undefined),
    keep: () => clearTimeout(timer),
  };
}
