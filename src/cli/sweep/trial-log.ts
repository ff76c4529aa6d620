import { open, readFile, truncate } from 'node:fs/promises';
import { z } from 'zod';
import { reportSchema } from '../../core/report/schema.ts';
import type { Report } from '../../core/report/types.ts';

/** A trial that ran to its end. */
export interface DoneLine {
  readonly id: string;
  /** Path in the recipe → value: what makes this trial differ from the others of its grid. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly seconds: number;
  readonly report: Report;
}

/** One that was refused; it is tried again when the sweep is. */
export interface FailedLine extends Pick<DoneLine, 'id' | 'values'> {
  readonly error: string;
}

export type TrialLine = DoneLine | FailedLine;

const identity = { id: z.string(), values: z.record(z.string(), z.unknown()) };

const lineSchema = z.union([
  z.object({ ...identity, seconds: z.number(), report: reportSchema }),
  z.object({ ...identity, error: z.string() }),
]) satisfies z.ZodType<TrialLine>;

export function isDone(line: TrialLine): line is DoneLine {
  return 'report' in line;
}

/**
 * `trials.jsonl`: one line per trial, on disk before the next trial starts. A last line that was cut
 * off by a crash is dropped; lines that cannot be read are left in the file and passed over.
 */
export class TrialLog {
  constructor(readonly path: string) {}

  /** Reads the log, and cuts off a torn last line so that the next one starts cleanly. */
  async read(): Promise<readonly TrialLine[]> {
    const bytes = await readFile(this.path).catch(() => Buffer.alloc(0));
    const end = bytes.lastIndexOf(0x0a) + 1;
    if (end < bytes.length) await truncate(this.path, end);
    return bytes.toString('utf8', 0, end).split('\n').flatMap(parseLine);
  }

  async append(line: TrialLine): Promise<void> {
    const file = await open(this.path, 'a');
    try {
      await file.appendFile(`${JSON.stringify(line)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  }
}

function parseLine(text: string): TrialLine[] {
  try {
    return [lineSchema.parse(JSON.parse(text))];
  } catch {
    return [];
  }
}
