/**
 * `npm test`: format, types, lint, boundaries, unit, browser and end-to-end, in this order, each
 * timed; ends with the number of tests that really ran. `npm test -- unit` runs single stages.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ensureChromium } from './chromium.ts';

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const scratch = mkdtempSync(join(tmpdir(), 'lathe-test-'));

function run(command: string, env: Record<string, string> = {}): boolean {
  const result = spawnSync('npx', ['--no-install', ...command.split(' ')], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  return result.status === 0;
}

const VitestResult = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numFailedTestSuites: z.number(),
});

const PlaywrightResult = z.object({
  stats: z.object({
    expected: z.number(),
    unexpected: z.number(),
    skipped: z.number(),
    flaky: z.number(),
  }),
});

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function vitest(project: string): { ok: boolean; counts: Counts } {
  const file = join(scratch, `${project}.json`);
  const ok = run(
    `vitest run --project ${project} --reporter=default --reporter=json --outputFile=${file}`,
  );
  const result = VitestResult.parse(readJson(file));
  return {
    ok,
    counts: {
      passed: result.numPassedTests,
      failed: result.numFailedTests,
      skipped: result.numPendingTests,
    },
  };
}

function playwright(): { ok: boolean; counts: Counts } {
  const file = join(scratch, 'e2e.json');
  const ok = run('playwright test --reporter=list,json', { PLAYWRIGHT_JSON_OUTPUT_NAME: file });
  const { stats } = PlaywrightResult.parse(readJson(file));
  return {
    ok,
    counts: {
      passed: stats.expected,
      failed: stats.unexpected + stats.flaky,
      skipped: stats.skipped,
    },
  };
}

const LAYERS = [
  'src/core',
  'src/runtime',
  'src/engine',
  'workers',
  'src/studio',
  'src/cli',
  'test',
];

const STAGES: Record<string, () => { ok: boolean; counts?: Counts }> = {
  format: () => ({ ok: run('prettier --check --log-level warn .') }),
  types: () => ({ ok: LAYERS.map((layer) => run(`tsc -p ${layer}/tsconfig.json`)).every(Boolean) }),
  lint: () => ({ ok: run('eslint --max-warnings 0 src workers test tools') }),
  boundaries: () => ({ ok: run('depcruise --config .dependency-cruiser.cjs src workers') }),
  unit: () => vitest('unit'),
  browser: () => vitest('browser'),
  e2e: playwright,
};

function main(wanted: readonly string[]): void {
  const names = wanted.length > 0 ? wanted : Object.keys(STAGES);
  const total = { passed: 0, failed: 0, skipped: 0 };
  const failedStages: string[] = [];
  const times: string[] = [];
  if (names.includes('browser') || names.includes('e2e')) ensureChromium();
  for (const name of names) {
    const stage = STAGES[name];
    if (stage === undefined)
      throw new Error(`There is no stage "${name}". Stages: ${Object.keys(STAGES).join(', ')}.`);
    const start = Date.now();
    console.log(`\n── ${name}`);
    const { ok, counts } = stage();
    times.push(`${name} ${((Date.now() - start) / 1000).toFixed(0)} s`);
    if (!ok) failedStages.push(name);
    if (counts !== undefined) {
      total.passed += counts.passed;
      total.failed += counts.failed;
      total.skipped += counts.skipped;
    }
  }
  console.log(`\n${times.join(' · ')}`);
  if (failedStages.length > 0) console.log(`Failed: ${failedStages.join(', ')}`);
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = failedStages.length > 0 ? 1 : 0;
}

main(process.argv.slice(2));
