/** Words of a run while it is measured, and of what is kept of it. */
export const enMeasuring = {
  enough: 'Good enough, stop',
  enoughShort: 'Enough',
  enoughHelp:
    'Ends measuring with the documents seen so far. The result says how many of how many, and its error bars stay as wide as they are; running the recipe again measures all of them.',
  ending: 'Ending…',
  cancelled: 'Cancelled. Run the same recipe again to go on: finished steps are kept.',
  cancelledMeasured: (name: string) =>
    `${name} was measured before the cancel and is kept. Only the comparison of devices is missing.`,
  kept: (name: string) => `${name} was measured before: this is its kept result.`,
  again: 'Measure again',
};
