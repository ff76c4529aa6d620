import type { Page } from '@playwright/test';
import type { Report } from '../../src/core/report/types.ts';
import type { Trial } from '../../workers/protocol.ts';

type Each = NonNullable<NonNullable<Report['evaluation']>['each']>;

/** What each document came to in a trial, from the browser's own files. */
export async function keptLosses(page: Page, name: string): Promise<Each> {
  const each = await page.evaluate(async (wanted) => {
    const root = await navigator.storage.getDirectory();
    const lathe = await root.getDirectoryHandle('lathe');
    const trials = await lathe.getDirectoryHandle('trials');
    for await (const folder of trials.values()) {
      if (folder.kind !== 'directory') continue;
      const file = await folder.getFileHandle('trial.json');
      const trial = JSON.parse(await (await file.getFile()).text()) as Trial;
      if (trial.name === wanted) return trial.report?.evaluation?.each;
    }
    return undefined;
  }, name);
  if (each === undefined) throw new Error(`${name} keeps no losses`);
  return each;
}

/** exp of mean losses, subtracted; SE by the delta method over the documents. Nothing of the page's own code. */
export function pairedByHand(a: Each, b: Each): { value: number; error: number } {
  const counts = a.counts ?? a.compressed.map(() => 1);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const mean = ({ compressed }: Each): number =>
    compressed.reduce((sum, loss, at) => sum + loss * counts[at], 0) / total;
  const [meanA, meanB] = [mean(a), mean(b)];
  const pulls = counts.map(
    (count, at) =>
      (count / total) *
      (Math.exp(meanB) * (b.compressed[at] - meanB) - Math.exp(meanA) * (a.compressed[at] - meanA)),
  );
  const squares = pulls.reduce((sum, pull) => sum + pull * pull, 0);
  const documents = counts.length;
  return {
    value: Math.exp(meanB) - Math.exp(meanA),
    error: Math.sqrt((squares * documents) / (documents - 1)),
  };
}
