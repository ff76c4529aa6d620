/** A token as it can be seen and pointed at: the end of a line, a tab and nothing have no shape of their own. */
export function visibleText(text: string): string {
  if (text === '') return '∅';
  return text.replaceAll('\n', '↵\n').replaceAll('\t', '→\t');
}

/** The same in a list, where the space it begins with is part of what it is. */
export function quotedText(text: string): string {
  if (text === '') return '∅';
  return text.replaceAll('\n', '↵').replaceAll('\t', '→').replaceAll(' ', '␣');
}
