import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { reportSchema } from '../core/report/schema.ts';

/** Each start compiles the whole command line: seconds, on a busy machine many. */
const PATIENCE = 180_000;

const BIN = fileURLToPath(new URL('../../bin/lathe.mjs', import.meta.url));

let folder: string;
let temp: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lathe-run-'));
  temp = join(folder, 'temp');
  await mkdir(temp);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the real command; `interruptAt` is the word on stderr at which Ctrl-C is pressed. */
function lathe(words: readonly string[], interruptAt?: string): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { ...process.env, TMPDIR: temp };
    const child = spawn(process.execPath, [BIN, ...words], { cwd: folder, env });
    let [stdout, stderr, pressed] = ['', '', false];
    child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
    child.stderr.on('data', (text: Buffer) => {
      stderr += text.toString();
      if (pressed || interruptAt === undefined || !stderr.includes(interruptAt)) return;
      pressed = true;
      child.kill('SIGINT');
    });
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
}

it(
  'ends with 2 for wrong words, 1 for what cannot be done, 0 for help',
  async () => {
    const [unknown, missing, train, help] = await Promise.all([
      lathe(['compres', 'x']),
      lathe(['compress', 'sample:stories', '--recipe', 'q4']),
      lathe(['train', 'sample:stories', '--objective', 'x', '--data', 'y', '--out', 'z']),
      lathe(['--help']),
    ]);
    expect(unknown).toEqual({
      status: 2,
      stdout: '',
      stderr:
        'There is no command "compres"; the commands are inspect, methods, compress, evaluate, train, sweep, generate, order. See "lathe --help".\n',
    });
    expect(missing.status).toBe(2);
    expect(missing.stderr).toBe('lathe compress needs --out or --folder. See "lathe --help".\n');
    expect(train.status).toBe(1);
    expect(train.stderr).toMatch(/^There is no objective file "x"; .*\.\n$/);
    expect(help.status).toBe(0);
    expect(help.stdout).toMatch(/^Lathe: /);
  },
  PATIENCE,
);

it(
  'writes the file alone where nobody wants it measured',
  async () => {
    const words = ['compress', 'sample:digits', '--recipe', 'q8', '--out', 'alone.onnx'];
    const { status, stdout } = await lathe([...words, '--no-measure']);
    expect(status).toBe(0);
    expect(stdout).toContain('NOT verified\n');
    expect(stdout).toContain('\nNot measured: you asked for the file only\n');
    expect(stdout).not.toMatch(/^latency|^Quality|^Fidelity/m);
    expect((await readFile(join(folder, 'alone.onnx'))).byteLength).toBe(
      Number(/^bytes (\d+), forecast \1,/m.exec(stdout)?.[1]),
    );
  },
  PATIENCE,
);

it(
  'leaves nothing behind when Ctrl-C is pressed in the middle',
  async () => {
    const words = ['compress', 'sample:stories', '--recipe', 'tiny', '--out', 'stopped/out.onnx'];
    const ended = await lathe(words, 'GPTQ');
    expect(ended.status).toBe(130);
    expect(ended.stdout).toBe('');
    expect(ended.stderr).toContain('The run was cancelled; nothing unfinished was kept.\n');
    expect(await readdir(join(folder, 'stopped'))).toEqual([]);
    expect((await readdir(temp)).filter((name) => name.startsWith('lathe-'))).toEqual([]);
  },
  PATIENCE,
);

it(
  'sweeps a grid, skips what is done when run again, and mends a torn log',
  async () => {
    const few = 'Once upon a time there was a little dog. He was happy.\n';
    await writeFile(join(folder, 'few.txt'), few);
    const sweep = async (bits: readonly number[]) => {
      const vary = { 'steps[0].options.bits': bits };
      const base = { version: 1, steps: [{ method: 'round-to-nearest' }] };
      await writeFile(join(folder, 'grid.json'), JSON.stringify({ version: 1, base, vary }));
      const data = ['--data', 'sample:stories', '--eval', 'few.txt', '--out', 'results'];
      return lathe(['sweep', 'sample:stories', '--grid', 'grid.json', ...data]);
    };
    const read = (name: string) => readFile(join(folder, 'results', name), 'utf8');
    expect((await sweep([8])).status).toBe(0);
    const first = await read('trials.jsonl');
    await writeFile(join(folder, 'results', 'trials.jsonl'), `${first}{"id": "torn`);
    const again = await sweep([8, 4]);
    expect(again.status).toBe(0);
    expect(again.stderr).not.toContain('Trial 1 of 2');
    expect(again.stderr).toContain('Trial 2 of 2: steps[0].options.bits 4\n');
    const lines = (await read('trials.jsonl')).trimEnd().split('\n');
    expect(`${lines[0]}\n`).toBe(first);
    const reports = lines.map((line) =>
      reportSchema.parse((JSON.parse(line) as { report: unknown }).report),
    );
    expect(reports.map(({ recipe }) => recipe.steps[0].options['bits'])).toEqual([8, 4]);
    const { frontiers } = JSON.parse(await read('frontier.json')) as {
      frontiers: Record<string, readonly { bytes: number }[]>;
    };
    const sizes = frontiers['kl'].map(({ bytes }) => bytes);
    expect(sizes).toEqual(reports.map(({ after }) => after.bytes).reverse());
    expect((await readdir(join(folder, 'results'))).sort()).toEqual([
      'frontier.json',
      'trials.jsonl',
    ]);
  },
  PATIENCE,
);
