// Compiles src/core/kernels/assembly/*.ts (AssemblyScript) into src/core/kernels/kernels.wasm.ts.
// Run it after editing a kernel: `node tools/build-kernels.mjs`. A unit test checks that the checked-in
// module is what this script makes.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import asc from 'assemblyscript/asc';

const kernels = new URL('../src/core/kernels/', import.meta.url);
// WHY the memory comes from outside: threads work on one memory together (load.ts).
const MEMORY = [
  '--importMemory',
  '--zeroFilledMemory',
  '--initialMemory',
  '1',
  '--maximumMemory',
  '65536',
];
const FLAGS = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', ...MEMORY];

/** The compiled module's bytes. */
export async function compileKernels() {
  const folder = mkdtempSync(join(tmpdir(), 'kernels-'));
  const outFile = join(folder, 'kernels.wasm');
  const entry = fileURLToPath(new URL('assembly/index.ts', kernels));
  const { error, stderr } = await asc.main([
    entry,
    '--outFile',
    outFile,
    '--use',
    'abort=',
    ...FLAGS,
  ]);
  if (error) throw new Error(stderr.toString() || error.message);
  const bytes = new Uint8Array(readFileSync(outFile));
  rmSync(folder, { recursive: true });
  return bytes;
}

/** The TypeScript file that carries them. */
export function kernelSource(bytes) {
  const text = Buffer.from(bytes).toString('base64');
  return `// Made by tools/build-kernels.mjs from assembly/*.ts; do not edit.\nexport const KERNELS_BASE64 =\n  '${text}';\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const bytes = await compileKernels();
  writeFileSync(new URL('kernels.wasm.ts', kernels), kernelSource(bytes));
  process.stdout.write(`kernels.wasm: ${bytes.length} bytes\n`);
}
