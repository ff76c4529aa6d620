type Navigate = (path: string) => void;

let navigate: Navigate = () => undefined;

/** The router hands its navigation over once, so that actions need no React. */
export function setNavigate(perform: Navigate): void {
  navigate = perform;
}

export function go(path: '/' | '/studio' | '/runs' | '/learn'): void {
  navigate(path);
}
