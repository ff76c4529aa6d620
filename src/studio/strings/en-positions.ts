/** What stands under an option whose positions share their work. */
export const positions = {
  legend: (title: string) => `${title}: every position`,
  size: 'Size',
  measureAll: 'Measure every position',
  measureRest: (left: number) => `Measure the other ${left}`,
  help: 'Runs the recipe at every position that was not measured yet, on the same data. What they have in common is found once.',
  all: 'Every position is measured.',
  take: (title: string, value: string) => `${title} ${value}`,
  forecast: 'Forecast, not measured yet',
  stage: (at: number, of: number, stage: string) => `${at} of ${of}: ${stage}`,
  finished: (count: number) =>
    count === 1 ? 'The position is measured.' : `${count} positions are measured.`,
};
