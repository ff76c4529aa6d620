import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { FORMAT_CASES, SHAPE } from '../../src/runtime/formats/cases.ts';
import { bitsPerWeight } from '../../src/runtime/formats/probe.ts';
import type { BrowserAnswer } from './in-browser.ts';

export const DEVICES = ['wasm', 'webgpu', 'node'] as const;

/** What the devices said, by probe id. */
export type Answers = ReadonlyMap<string, BrowserAnswer>;
export type Found = Readonly<Record<(typeof DEVICES)[number], Answers>>;

/** The installed version of a package. */
export function versionOf(name: string): string {
  const file = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8'))).version;
}

/** The text of docs/formats.md. */
export function formatsPage(found: Found, browser: string): string {
  const groups = [...new Set(FORMAT_CASES.map(({ group }) => group))];
  return `<!-- Made by tools/generate-formats.ts, which runs every row; do not edit. -->

# Where an export runs

Measured by \`npm run formats\`: each form of weight is written as exports are, into a model of one layer
(${SHAPE.columns} inputs, ${SHAPE.rows} outputs), run with one token and with 33, and compared with the definition of the
form. *Right* means within 2⁻¹⁰ of the largest result. onnxruntime-web ${versionOf('onnxruntime-web')} in ${browser}
(WebGPU on the software adapter, without float16 shaders), onnxruntime-node ${versionOf('onnxruntime-node')}.

| form | file takes, bits per weight | WASM | WebGPU | Node |
| --- | --- | --- | --- | --- |
${groups.map((group) => row(group, found)).join('\n')}

Numbers count probes: block sizes, zero points, types of scales, products and look-ups. *GPU* after WebGPU's
answer: no operator is left to the CPU; look-ups by standard operators compute their shape there. The percentage is
the furthest result from the right one, as a share of the largest. Bits per weight are those of the probes' matrix, scales,
zero points and tables counted.

${exceptions(found)}
`;
}

function idsOf(group: string): readonly string[] {
  return FORMAT_CASES.filter((test) => test.group === group).map(({ id }) => id);
}

function row(group: string, found: Found): string {
  const ids = idsOf(group);
  const cells = DEVICES.map((device) => cell(ids, found[device], device === 'webgpu'));
  return `| ${group} (${ids.length}) | ${bitsOf(group)} | ${cells.join(' | ')} |`;
}

/** Least and most bits per weight that the group's probes take. */
function bitsOf(group: string): string {
  const bits = FORMAT_CASES.filter((test) => test.group === group).map(bitsPerWeight);
  const [least, most] = [Math.min(...bits), Math.max(...bits)].map((n) => n.toFixed(2));
  return least === most ? String(least) : `${least} to ${most}`;
}

function cell(ids: readonly string[], answers: Answers, gpu: boolean): string {
  const given = ids.map((id) => answers.get(id));
  const right = given.filter((answer) => answer?.ok);
  const count = right.length === ids.length ? 'right' : `${right.length} of ${ids.length} right`;
  if (right.length === 0) return count;
  const error = (100 * Math.max(...right.map((answer) => answer?.error ?? 0))).toPrecision(1);
  const off = Number(error) === 0 ? 'exact' : `≤ ${error} %`;
  return `${count}, ${off}${gpu ? `, ${placeOf(right)}` : ''}`;
}

function placeOf(right: readonly (BrowserAnswer | undefined)[]): string {
  const wholly = right.filter((answer) => answer?.wholly).length;
  if (wholly === right.length) return 'GPU';
  return wholly === 0 ? 'partly CPU' : `${wholly} of ${right.length} wholly GPU`;
}

/** What is not right somewhere, with the device's own words, equal reasons together. */
function exceptions(found: Found): string {
  const lines = DEVICES.flatMap((device) => reasons(device, found[device]));
  if (lines.length === 0) return 'Nothing failed.';
  return `## What does not run\n\n${lines.join('\n')}`;
}

const NAMES = { wasm: 'WASM', webgpu: 'WebGPU', node: 'Node' } as const;

function reasons(device: keyof Found, answers: Answers): string[] {
  const byReason = new Map<string, string[]>();
  for (const [id, { ok, reason = 'No reason given.' }] of answers) {
    if (ok) continue;
    // The same sentence about several forms is one line.
    const general = reason
      .replace(`the form "${id}"`, 'these forms')
      .replace(/off by [\d.e+-]+ % /, 'beyond 2⁻¹⁰ ');
    byReason.set(general, [...(byReason.get(general) ?? []), id]);
  }
  return [...byReason].map(([reason, ids]) => `- ${NAMES[device]}: ${reason} (${ids.join('; ')})`);
}
