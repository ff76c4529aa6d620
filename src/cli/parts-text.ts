import type { PartsRun } from '../engine/parts/run-parts.ts';
import type { Together } from '../engine/parts/together.ts';
import type { PartLine } from '../engine/trials/types.ts';
import { formatBytes, printLine, printTable } from './print.ts';
import { printMetrics, printReport } from './report-text.ts';

/** What a run over several parts came to: each report, then one table and one total. */
export function printParts(out: string, { lines, made, together }: PartsRun): void {
  for (const { open, trial } of made) {
    if (trial.report === undefined) continue;
    printReport(open.part.path, trial.report);
    printLine();
  }
  printLine(out);
  printTable(
    ['part', 'role', 'before', 'after', 'ratio'],
    [...lines.map(rowOf), ['all', '', ...sizes(totalOf(lines))]],
  );
  if (together !== undefined) printTogether(together);
  for (const { path, message } of lines) {
    if (message !== undefined) printLine(`left as it is: ${path}: ${message}`);
  }
}

function printTogether({ protocol, notMeasured, ...sides }: Together): void {
  printLine();
  if (protocol === undefined) {
    printLine(`Not measured together: ${notMeasured}`);
    return;
  }
  const { original = {}, compressed = {}, difference = {} } = sides;
  printLine(`Together: ${protocol}`);
  printMetrics({ original, compressed, difference });
}

/** `--report` of several parts: the table, the total, and the report of each. */
export function joinedReport({ lines, made, together }: PartsRun) {
  const reports = new Map(made.map(({ trial }) => [trial.id, trial.report]));
  return {
    version: 1,
    total: totalOf(lines),
    ...(together && { together }),
    parts: lines.map(({ trial, ...line }) => ({
      ...line,
      ...(trial !== undefined && { report: reports.get(trial) }),
    })),
  };
}

type Sizes = Pick<PartLine, 'bytesBefore' | 'bytesAfter'>;

function totalOf(lines: readonly Sizes[]): Sizes {
  const sum = (size: keyof Sizes) => lines.reduce((total, line) => total + line[size], 0);
  return { bytesBefore: sum('bytesBefore'), bytesAfter: sum('bytesAfter') };
}

function rowOf({ path, role, ...line }: PartLine): string[] {
  return [path, role, ...sizes(line)];
}

function sizes({ bytesBefore, bytesAfter }: Sizes): string[] {
  const ratio = `${(bytesBefore / bytesAfter).toFixed(2)}×`;
  return [formatBytes(bytesBefore), formatBytes(bytesAfter), ratio];
}
