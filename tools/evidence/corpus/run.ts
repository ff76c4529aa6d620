import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cutTexts, inScratch, tryAction, type Outcome, type Place } from './cells.ts';
import { ACTIONS, ENTRIES, type Action, type Entry } from './entries.ts';
import { independentCell } from './compare.ts';
import { judge, type Cell } from './judge.ts';

/** The part of the corpus that is shipped with the tests. */
export const SHIPPED = fileURLToPath(new URL('../../../test/fixtures/corpus', import.meta.url));

export interface CorpusOptions {
  readonly models?: string;
  readonly only?: string;
}

/** Every entry × every action, judged; and how many cells are not what they should be. */
export async function corpusEvidence({ models, only = '' }: CorpusOptions) {
  const corpus = models ?? SHIPPED;
  const entries = ENTRIES.filter(
    ({ file }) => file.includes(only) && existsSync(join(corpus, 'models', file)),
  );
  return inScratch(async (scratch) => {
    const place = { corpus, scratch };
    await cutTexts(place);
    const rows: { entry: Entry; cells: readonly Cell[] }[] = [];
    for (const entry of entries) rows.push({ entry, cells: await tryEntry(place, entry) });
    const wrong = rows.flatMap(({ cells }) => cells).filter(({ right }) => !right).length;
    return { table: tableOf(rows, wrong), wrong, rows };
  });
}

/** All actions on one entry, and what plain onnxruntime says of two of them. */
export async function tryEntry(
  place: Place,
  entry: Entry,
  actions: readonly Action[] = ACTIONS,
): Promise<readonly Cell[]> {
  const cells: Cell[] = [];
  const outcomes = new Map<Action, Outcome>();
  for (const action of actions) {
    const outcome = await tryAction(place, entry, action);
    outcomes.set(action, outcome);
    cells.push(judge(entry, action, outcome));
    process.stderr.write(`${entry.file} ${action}: ${cells.at(-1)?.text}\n`);
  }
  return [...cells, await independentCell(place, entry, outcomes)];
}

function tableOf(rows: readonly { entry: Entry; cells: readonly Cell[] }[], wrong: number): string {
  const head = ['file', ...ACTIONS, 'plain onnxruntime'];
  const body = rows.map(({ entry, cells }) => [
    entry.file,
    ...cells.map(({ text, right }) => (right ? text : `**${text}**`)),
  ]);
  const lines = [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`);
  const total = rows.flatMap(({ cells }) => cells).length;
  return `${lines.join('\n')}\n\n${total - wrong} of ${total} cells as they should be.\n`;
}
