/**
 * `npm test`: format, types, lint and boundaries (together: `static`), unit, browser and end-to-end,
 * each timed; ends with the number of tests that really ran. `npm test -- unit` runs single stages.
 */
import { spawn, spawnSync } from 'node:child_process';
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

interface Check {
  readonly command: string;
  readonly ok: boolean;
  readonly output: string;
}

function start(command: string): Promise<Check> {
  return new Promise((resolve) => {
    const [program, ...args] = command.split(' ');
    const child =
      program === 'node'
        ? spawn(process.execPath, args)
        : spawn('npx', ['--no-install', program, ...args]);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('close', (code) => resolve({ command, ok: code === 0, output }));
  });
}

/** Static checks need one core each, so two run at a time; the output of each stays together. */
async function checkAll(commands: readonly string[]): Promise<boolean> {
  const waiting = [...commands];
  let ok = true;
  async function worker(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const check = await start(next);
      ok &&= check.ok;
      console.log(`${check.ok ? '✓' : '✗'} ${check.command}`);
      if (!check.ok) console.log(check.output);
    }
  }
  await Promise.all([worker(), worker()]);
  return ok;
}

/** The native compiler by its path: the lint rules bring an older `tsc` of the same name along. */
const TSC = 'node node_modules/typescript-native/bin/tsc';

const LAYERS = [
  'src/core',
  'src/runtime',
  'src/engine',
  'workers',
  'src/studio',
  'src/cli',
  'test',
];

const STATIC: Record<string, readonly string[]> = {
  // The slowest first, so that the other core takes the rest meanwhile.
  lint: ['eslint --max-warnings 0 src workers test tools'],
  types: LAYERS.map((layer) => `${TSC} -p ${layer}/tsconfig.json`),
  boundaries: ['depcruise --config .dependency-cruiser.cjs src workers'],
  format: ['prettier --check --log-level warn .'],
};

type Stage = () => Promise<{ ok: boolean; counts?: Counts }>;

const STAGES: Record<string, Stage> = {
  ...Object.fromEntries(
    Object.entries(STATIC).map(([name, commands]) => [
      name,
      async () => ({ ok: await checkAll(commands) }),
    ]),
  ),
  static: async () => ({ ok: await checkAll(Object.values(STATIC).flat()) }),
  unit: async () => vitest('unit'),
  browser: async () => vitest('browser'),
  e2e: async () => playwright(),
};

const ALL = ['static', 'unit', 'browser', 'e2e'];

async function main(wanted: readonly string[]): Promise<void> {
  const names = wanted.length > 0 ? wanted : ALL;
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
    const { ok, counts } = await stage();
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

await main(process.argv.slice(2));
