/**
 * `npm run bench`: every benchmark after the other, then one table of the goals. `npm run bench -- browser kernels`
 * runs some. Each number is a ratio within one run, or a time against a fixed limit; the scripts under
 * `tools/bench/` say how they measure and take options of their own.
 */
import { spawn } from 'node:child_process';
import { availableParallelism, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { boundOf } from './bench/bounds.ts';
import { holds } from './bench/line.ts';
import { readMeasured, type Result } from './bench/read-measured.ts';

const SCRIPTS: Record<string, readonly string[]> = {
  'onnx-io': ['onnx-io.ts'],
  opening: ['opening.ts'],
  kernels: ['kernels.ts'],
  quantizers: ['quantizers.ts'],
  'linear-algebra': ['linear-algebra.ts'],
  evaluation: ['evaluation.ts', '--only', 'evaluation'],
  session: ['evaluation.ts', '--only', 'session'],
  threads: ['threads.ts'],
  train: ['train.ts'],
  planning: ['planning.ts'],
  browser: ['browser.ts'],
  glance: ['glance.ts'],
  chart: ['chart.ts'],
  webgpu: ['webgpu.ts'],
  large: ['opening.ts', '--only', 'gptq,half'],
};

/** Runs a script, shows what it prints while it prints it, and returns all of it. */
function run([script, ...given]: readonly string[]): Promise<{ output: string; ok: boolean }> {
  const path = fileURLToPath(new URL(`bench/${script}`, import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', path, ...given], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    process.stdout.write(text);
  });
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ output, ok: code === 0 }));
  });
}

function printTable(results: readonly Result[]): void {
  const rows = results.map((result) => [
    result.what,
    result.goal ? `${result.goal.relation} ${result.goal.limit}` : '',
    `${result.value}`,
    holds(result) ? 'yes' : 'no',
    result.note ?? '',
    holds(result) ? '' : boundOf(result.what),
  ]);
  const head = ['', 'goal', 'measured', 'holds', 'how', 'what bounds it'];
  const widths = head.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => row[i].length)),
  );
  for (const row of [head, ...rows])
    console.log(
      row
        .map((cell, i) => cell.padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    );
}

async function main(wanted: readonly string[]): Promise<void> {
  const names = wanted.length > 0 ? wanted : Object.keys(SCRIPTS);
  const unknown = names.find((name) => !Object.hasOwn(SCRIPTS, name));
  if (unknown !== undefined) {
    const known = Object.keys(SCRIPTS).join(', ');
    console.error(`There is no benchmark "${unknown}"; choose from: ${known}.`);
    process.exitCode = 1;
    return;
  }
  const results: Result[] = [];
  for (const name of names) {
    console.log(`\n── ${name}`);
    const { output, ok } = await run(SCRIPTS[name]);
    results.push(...readMeasured(output));
    if (ok) continue;
    console.error(`The benchmark "${name}" failed; its rows below are incomplete.`);
    process.exitCode = 1;
  }
  console.log('');
  printTable(results);
  const busy = loadavg()[0].toFixed(1);
  console.log(
    `\nLoad average ${busy} on ${availableParallelism()} cores: what exceeds one is other work, which makes times against fixed limits too long.`,
  );
}

await main(process.argv.slice(2));
