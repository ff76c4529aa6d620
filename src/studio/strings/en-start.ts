/** What Start, shipped trials and files that come back say. */
export const start = {
  continueWith: 'Continue',
  trialsAgo: (trials: number, at: number, now: number) =>
    `${trials} ${trials === 1 ? 'trial' : 'trials'}, ${ago(now - at)}`,
  bring: ({ name, sha256, trials }: { name: string; sha256: string; trials: number }) =>
    `“${name}” is a file of yours: drop it again, or open it above, and its ${trials === 1 ? 'trial is' : `${trials} trials are`} there. It is the file whose SHA-256 begins with ${sha256.slice(0, 8)}.`,
  openSuggestion: (reference: string) => `Open ${reference}`,
  openMeasured: (open: string, outcome: string) => `${open}: ${outcome}`,
  measuredBy: (trials: number) =>
    `${trials} trials, measured by the project; ± one standard error.`,
  openThis: 'Open it',
  axisSize: 'file size, logarithmic',
  axis: { perplexity: 'better ↑ perplexity', accuracy: 'better ↑ accuracy' },
  cameBack: (trial: string, model: string) =>
    `The file came back: it is ${trial}, a trial of ${model}. Your recipe stays on the bench.`,
  loadRecipe: 'Load its recipe',
  computeHere: 'Compute it here',
  noFileYet: (name: string) =>
    `${name} was measured by the project and ships as numbers only: its file is not in this browser yet.`,
} as const;

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/** "10 min. ago", in the longest unit of which there is one at least. */
function ago(milliseconds: number): string {
  const [unit, length] = UNITS.find(([, length]) => milliseconds >= length) ?? ['minute', 60_000];
  const count = Math.floor(Math.max(0, milliseconds) / length);
  if (count === 0) return 'just now';
  return new Intl.RelativeTimeFormat('en', { style: 'short', numeric: 'always' }).format(
    -count,
    unit,
  );
}
