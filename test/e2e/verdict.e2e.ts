/** What a result says first, for each of the four words, and the card around it (issue: "Done when" 3). */
import { readFileSync } from 'node:fs';
import { expect, test, type Locator, type Page } from '@playwright/test';
import type { Report } from '../../src/core/report/types.ts';
import type { Trial } from '../../src/engine/trials/types.ts';
import { forecastCard, openSample, sha256, trialCard } from './support.ts';

test.describe.configure({ mode: 'serial' });

let page: Page;

/** Reports of real runs on the sample: q8, tiny, and q4 with --no-measure. */
const MEASURED = ['equal', 'worse', 'not-measured'] as const;

const reportOf = (name: (typeof MEASURED)[number]) =>
  JSON.parse(readFileSync(`test/fixtures/verdicts/${name}.json`, 'utf8')) as Report;

/** No sample gets better by compressing: the worse one with the two models exchanged. */
function better(): Report {
  const report = reportOf('worse');
  const { evaluation } = report;
  const difference = evaluation?.difference.perplexity;
  const [original, compressed] = [
    evaluation?.compressed.perplexity,
    evaluation?.original.perplexity,
  ];
  if (!evaluation || !difference || !original || !compressed) throw new Error('it was measured');
  const exchanged = {
    ...evaluation,
    original: { perplexity: original },
    compressed: { perplexity: compressed },
    difference: { perplexity: { ...difference, value: -difference.value } },
  };
  return { ...report, layers: [], evaluation: exchanged };
}

test.beforeAll(async ({ browser }) => {
  const viewport = { width: 1440, height: 900 };
  const context = await browser.newContext({
    viewport,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto('/');
  const reports = [
    ...MEASURED.map((name) => [name, reportOf(name)] as const),
    ['better', better()] as const,
  ];
  await keep(reports.map(([name, report], at) => trialOf(name, report, at)));
  await openSample(page, 'Stories');
});

test.afterAll(() => page.context().close());

function trialOf(name: string, report: Report, at: number): Trial {
  const model = sha256(readFileSync('public/samples/stories/model.onnx'));
  const { recipe } = report;
  const createdAt = Date.now() + at;
  return {
    id: `made-${name}`,
    model: { name: 'stories', sha256: model },
    name,
    recipe,
    createdAt,
    state: 'done',
    report,
  };
}

/** Where the page keeps its trials. */
async function keep(trials: readonly Trial[]): Promise<void> {
  await page.evaluate(async (list) => {
    const root = await navigator.storage.getDirectory();
    const lathe = await root.getDirectoryHandle('lathe', { create: true });
    const folder = await lathe.getDirectoryHandle('trials', { create: true });
    for (const trial of list) {
      const own = await folder.getDirectoryHandle(trial.id, { create: true });
      const file = await own.getFileHandle('trial.json', { create: true });
      const stream = await file.createWritable();
      await stream.write(JSON.stringify(trial));
      await stream.close();
    }
  }, trials);
}

async function show(name: string): Promise<Locator> {
  await page.getByRole('combobox', { name: 'Shown trial' }).click();
  await page.getByRole('option', { name, exact: true }).click();
  await expect(trialCard(page).getByRole('heading', { level: 3 })).toContainText(name);
  return trialCard(page).locator('[data-verdict]');
}

const SLOWER = 'as fast at 256 tokens but 27× slower at 16 here (WASM, 1 thread)';

for (const [name, word, sentence] of [
  ['better', 'Better', `4.6× smaller, better (−0.294 ± 0.019 perplexity, −7.6 %), ${SLOWER}`],
  [
    'equal',
    'Equal',
    '3.2× smaller, no measurable loss (+0.0022 ± 0.0014 perplexity), as fast here (256 tokens, WASM, 1 thread)',
  ],
  ['worse', 'Worse', `4.6× smaller, worse (+0.294 ± 0.019 perplexity, +8.2 %), ${SLOWER}`],
  [
    'not-measured',
    'Not measured',
    '3.2× smaller, quality not measured (you asked for the file only)',
  ],
] as const) {
  test(`a trial that is ${name} says so first`, async () => {
    const verdict = await show(name);
    await expect(verdict).toHaveAttribute('data-verdict', name);
    const [first, second] = [verdict.locator('p').nth(0), verdict.locator('p').nth(1)];
    await expect(first).toHaveText(word);
    await expect(second).toHaveText(sentence);
    // Neither the first line nor Export is ever below the fold.
    await expect(verdict).toBeInViewport({ ratio: 1 });
    await expect(page.getByRole('button', { name: 'Export', exact: true })).toBeInViewport();
  });
}

test('beside the baseline, and every metric with its meaning', async () => {
  await show('worse');
  await expect(trialCard(page)).toContainText(
    'GPTQ: Better than round to nearest on 3 of 3 layers',
  );
  await trialCard(page).getByText('All measures').click();
  const term = trialCard(page).getByRole('button', { name: 'KL divergence' });
  await expect(page.getByRole('tooltip', { name: /nats/ })).toHaveCount(0);
  await term.focus();
  await expect(page.getByRole('tooltip').filter({ hasText: 'in nats' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('tooltip').filter({ hasText: 'in nats' })).toBeHidden();
});

test('the card says that the bench has another recipe, and loads the one it shows', async () => {
  await show('worse');
  await expect(page.getByRole('region', { name: 'Forecast' })).toBeVisible();
  await expect(trialCard(page)).toContainText('The bench has another recipe.');
  await trialCard(page).getByRole('button', { name: 'Load this recipe' }).click();
  await expect(page.getByRole('listitem', { name: '2 GPTQ' })).toBeVisible();
  await expect(trialCard(page)).not.toContainText('The bench has another recipe.');
  // One card: what was forecast is what was measured.
  await expect(page.getByRole('region', { name: 'Forecast' })).toHaveCount(0);
  await expect(forecastCard(page)).toContainText('as forecast, to the byte');
});

test('a preset is copied as one line, and a result as a row', async () => {
  await show('equal');
  expect(await copied('Command line')).toBe(
    'npx lathe compress sample:stories --recipe q8 --out model_quantized.onnx --eval sample:stories --report report.json',
  );
  expect(await copied('transformers.js')).toContain("'stories-quantized', { dtype: 'q8' }");
  expect(await copied('Markdown row')).toContain('| 3.576 ± 0.081 | +0.0022 ± 0.0014 | 14144 |');
});

async function copied(what: string): Promise<string> {
  await trialCard(page).getByRole('button', { name: 'Copy as…' }).click();
  await page.getByRole('menuitem', { name: what }).click();
  await expect(page.getByRole('menu')).toHaveCount(0);
  return page.evaluate(() => navigator.clipboard.readText());
}

test('nothing leaves the card in a wide font', async () => {
  const column = page.getByRole('region', { name: 'Result', exact: true });
  for (const width of [272, 300, 360]) {
    await widen(width);
    for (const name of ['worse', 'equal']) {
      await show(name);
      for (const fold of await column.locator('details:not([open]) > summary').all()) {
        if (await fold.isVisible()) await fold.click();
      }
      expect.soft(await overflowing(column), `${name} at ${width} px`).toEqual([]);
    }
  }
});

/** A font as wide as any that a system brings, and the column as narrow as it gets. */
async function widen(width: number): Promise<void> {
  await page.evaluate((pixels) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
      * { font-family: 'DejaVu Sans', Verdana, sans-serif !important }
      main { grid-template-columns: 300px minmax(0, 1fr) ${pixels}px !important }`);
    document.adoptedStyleSheets = [sheet];
  }, width);
}

/** What is wider than its box, or ends beyond the column's edge. */
async function overflowing(column: Locator): Promise<string[]> {
  return column.evaluate((root) => {
    const edge = root.getBoundingClientRect().right;
    const seen = [...root.querySelectorAll('*')].filter((element) => element.checkVisibility());
    const wide = seen.filter((element) => element.getBoundingClientRect().right > edge + 0.5);
    const scrolls = root.querySelector('header + div');
    const sideways = scrolls !== null && scrolls.scrollWidth > scrolls.clientWidth;
    return [
      ...wide.map((element) => element.outerHTML.slice(0, 120)),
      ...(sideways ? ['scrolls'] : []),
    ];
  });
}
