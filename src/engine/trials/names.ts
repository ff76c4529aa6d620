/** Data files are kept under names that every storage takes; the prefix tells them from other files. */
const PREFIX = 'data-';

/** A file name, made of letters, digits, ".", "-" and "_", from which the path can be read back. */
export function storedName(path: string): string {
  const plain = encodeURIComponent(path).replace(
    /[_!'()*~]/g,
    (c) => `%${c.charCodeAt(0).toString(16)}`,
  );
  return PREFIX + plain.replaceAll('%', '_');
}

/** The path behind a {@link storedName}, or undefined for another file. */
export function pathOf(name: string): string | undefined {
  if (!name.startsWith(PREFIX)) return undefined;
  return decodeURIComponent(name.slice(PREFIX.length).replaceAll('_', '%'));
}
