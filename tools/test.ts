/**
 * `npm test`: format, types, lint and boundaries (together: `static`), unit, browser and end-to-end,
 * each timed; ends with the number of tests that really ran. `npm test -- unit` runs single stages,
 * `npm test -- unit src/x` what is named: whatever follows the stages goes to vitest or Playwright.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ensureChromium } from './chromium.ts';
import { ensureOnnxTestData } from './onnx-test-data.ts';
import { readArguments } from './stage-arguments.ts';

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const scratch = mkdtempSync(join(tmpdir(), 'lathe-test-'));

function run(args: readonly string[], env: Record<string, string> = {}): boolean {
  const result = spawnSync('npx', ['--no-install', ...args], {
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

interface Outcome {
  readonly ok: boolean;
  readonly counts?: Counts;
}

/** What a runner wrote down; nothing when it ended before its first test. */
function readJson<T>(file: string, schema: z.ZodType<T>): T | undefined {
  return existsSync(file) ? schema.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}

function vitest(name: string, config: string, further: readonly string[]): Outcome {
  const file = join(scratch, `${name}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile=${file}`];
  const ok = run(['vitest', 'run', '--config', config, ...reporters, ...further]);
  const result = readJson(file, VitestResult);
  const counts = result && {
    passed: result.numPassedTests,
    failed: result.numFailedTests,
    skipped: result.numPendingTests,
  };
  return { ok, counts };
}

function playwright(further: readonly string[]): Outcome {
  const file = join(scratch, 'e2e.json');
  const args = ['playwright', 'test', '--reporter=list,json', ...further];
  const ok = run(args, { PLAYWRIGHT_JSON_OUTPUT_NAME: file });
  const stats = readJson(file, PlaywrightResult)?.stats;
  const counts = stats && {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky,
    skipped: stats.skipped,
  };
  return { ok, counts };
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

type Stage = (further: readonly string[]) => Promise<Outcome>;

/** Further arguments name tests: the runners of tests take them, static checks do not. */
const RUNNERS: Record<string, Stage> = {
  unit: async (further) => {
    // Single files are the inner loop: they do not wait for a package.
    const missing = further.length === 0 ? ensureOnnxTestData() : undefined;
    if (missing !== undefined) console.warn(missing);
    return vitest('unit', 'vitest.config.ts', further);
  },
  browser: async (further) => {
    ensureChromium();
    return vitest('browser', 'vitest.browser.config.ts', further);
  },
  e2e: async (further) => {
    ensureChromium();
    return playwright(further);
  },
};

const STAGES: Record<string, Stage> = {
  ...Object.fromEntries(
    Object.entries(STATIC).map(([name, commands]) => [
      name,
      async () => ({ ok: await checkAll(commands) }),
    ]),
  ),
  static: async () => ({ ok: await checkAll(Object.values(STATIC).flat()) }),
  ...RUNNERS,
};

const ALL = ['static', 'unit', 'browser', 'e2e'];

async function main(args: readonly string[]): Promise<void> {
  const { stages, further } = readArguments(args, Object.keys(STAGES), Object.keys(RUNNERS));
  const total = { passed: 0, failed: 0, skipped: 0 };
  const failedStages: string[] = [];
  const times: string[] = [];
  for (const name of stages.length > 0 ? stages : ALL) {
    const start = Date.now();
    console.log(`\n── ${name}`);
    const { ok, counts } = await STAGES[name](further);
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

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
