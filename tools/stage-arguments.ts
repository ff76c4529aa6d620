export interface StageArguments {
  readonly stages: readonly string[];
  /** File names and flags for the runners of the stages. */
  readonly further: readonly string[];
}

/**
 * Splits `unit src/x -t "some name"` into the stages that lead and what is meant for their runners.
 * Throws one sentence when the first word is no stage, or when a stage that runs no tests is given names of tests.
 */
export function readArguments(
  args: readonly string[],
  stages: readonly string[],
  runners: readonly string[],
): StageArguments {
  const end = args.findIndex((arg) => !stages.includes(arg));
  const named = end < 0 ? args : args.slice(0, end);
  const further = end < 0 ? [] : args.slice(end);
  if (further.length > 0 && named.length === 0)
    throw new Error(
      `There is no stage "${further[0]}". Begin with the stages (${stages.join(', ')}), then name files: npm test -- unit src/x.`,
    );
  const deaf = further.length > 0 ? named.find((name) => !runners.includes(name)) : undefined;
  if (deaf !== undefined)
    throw new Error(
      `The stage "${deaf}" checks everything and takes no "${further[0]}". Only ${runners.join(', ')} take names of files.`,
    );
  return { stages: named, further };
}
