/** What the trials of a comparison are called, in their order: A is what the others are measured against. */
export function letterOf(at: number): string {
  return 'ABCD'.charAt(at);
}
