/** What the order experiment says. */
export const orders = {
  title: 'Order of the steps',
  compare: 'Compare orders',
  again: 'Compare again',
  help: 'Runs both ways round and each step alone, and measures all four on the same data. What was run before is not run again.',
  two: (count: number) =>
    count < 2
      ? 'The order of two steps is compared; add another one.'
      : `The order of two steps is compared, and ${count} are switched on; switch off all but two.`,
  finished: 'Both orders are measured.',
  then: (first: number, second: number) => `${first} → ${second}`,
  alone: (step: number) => `${step} alone`,
  columns: { run: 'Steps', size: 'Size' },
  sum: 'Both alone, added',
  interaction: (way: string) => `${way} beyond that`,
  interactionHelp:
    'The joint loss less the sum of both losses. Above 0 the steps make each other worse, below 0 the second one repeats what the first has lost already.',
  measures: { kl: 'KL', nats: 'Loss' },
  measure: 'Measure',
  lost: (metric: string) => `${metric} lost`,
  what: {
    kl: 'KL divergence to the original, in nats',
    nats: 'Loss above the original, in nats per token',
  },
  paired: '± is one standard error, of differences in each example.',
  unpaired: '± is one standard error; of sums and differences it is an upper bound.',
  refused: 'cannot be run',
  under: (what: string, n: string) => `${what}, n = ${n}.`,
  show: (recipe: string) => `Show the result of ${recipe}`,
  first: (step: number) => `Step ${step} goes first`,
  either: 'Neither order is better, beyond two standard errors',
  only: 'Only one way round can be run',
  together: {
    more: 'together they lose more than both alone',
    less: 'together they lose less than both alone',
    sum: 'together they lose the sum of both alone',
  },
  verdict: (order: string, together: string) => `${order}; ${together}.`,
  notMeasured: 'Without a measure of quality there is no loss to compare: only sizes are.',
} as const;
