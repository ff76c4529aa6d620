import { existsSync } from 'node:fs';
import { installDebianPackage } from './debian-package.ts';

/**
 * WebGPU on the software adapter, so that its results can be checked on machines without a GPU;
 * no background networking, because tests must not depend on a network.
 */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-unsafe-swiftshader',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** WebGPU on the machine's own graphics card, also without a screen; for benchmarks. */
export const GPU_FLAGS = [
  ...CHROMIUM_FLAGS.filter((flag) => !flag.includes('swiftshader')),
  '--ignore-gpu-blocklist',
  '--enable-features=Vulkan',
  '--use-angle=vulkan',
];

const CANDIDATES = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

function found(): string | undefined {
  return CANDIDATES.find((path) => path !== undefined && existsSync(path));
}

/** Path of the system's Chromium; throws one sentence when there is none. */
export function chromiumPath(): string {
  const path = found();
  if (path === undefined) {
    throw new Error(
      'No Chromium was found. Install it (Debian and Ubuntu: apt-get install chromium) or set CHROMIUM_PATH to a Chrome or Chromium program, then run the tests again.',
    );
  }
  return path;
}

/** On Debian as root, installs the `chromium` package when there is none; elsewhere says what to do. */
export function ensureChromium(): string {
  if (found() === undefined) installDebianPackage('chromium');
  return chromiumPath();
}
