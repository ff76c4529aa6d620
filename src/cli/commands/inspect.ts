import type { Block } from '../../core/anatomy/types.ts';
import { cacheFacts, cacheLine } from '../../core/cache/describe.ts';
import { tokenInput } from '../../core/cache/token-input.ts';
import { findDuplicates } from '../../core/onnx/duplicates.ts';
import { bytesByType, modelSize } from '../../core/report/size.ts';
import { belongingWarnings } from '../../engine/model/belonging.ts';
import type { OpenModel } from '../../engine/model/open.ts';
import { bytesOfFiles, partFiles } from '../../engine/model/part-files.ts';
import { inputPorts, outputPorts } from '../../runtime/ports.ts';
import { commandArguments } from '../arguments.ts';
import { openArgument } from '../open-argument.ts';
import { PART_OPTION } from '../part.ts';
import { formatBytes, printJson, printLine, printTable } from '../print.ts';

/** ", 4 experts, top 2" of a block with a mixture. */
function mixtureOf({ experts, topK }: Block): string {
  return experts === undefined ? '' : `, ${experts} experts, top ${topK ?? '?'}`;
}

/** `lathe inspect`: what a model is made of. */
export async function inspect(argv: readonly string[]): Promise<void> {
  const kinds = { ...PART_OPTION, json: 'boolean', task: 'string' } as const;
  const args = commandArguments('inspect', argv, kinds, []);
  const open = await openArgument(args);
  const facts = await factsOf(open);
  if (args.options['json'] === true) printJson(facts);
  else printFacts(open, facts);
}

async function factsOf(open: OpenModel) {
  const { model, anatomy, sha256, name, origin, task, taskReason, embedded } = open;
  const { graph } = model;
  const { exact, transposed } = await findDuplicates(model);
  const inputs = inputPorts(model);
  const cache = cacheFacts(inputs, outputPorts(model), tokenInput(inputs));
  return {
    name,
    origin,
    part: open.part.path,
    parts: await partFacts(open),
    sha256,
    ...modelSize(model),
    fileBytes: open.bytes,
    task,
    taskReason,
    opsets: model.opsets,
    nodes: graph.nodes.length,
    operators: countBy(graph.nodes.map((node) => node.opType)),
    bytesByType: bytesByType(model),
    inputs: graph.inputs.map((i) => i.name),
    outputs: graph.outputs.map((o) => o.name),
    opened: open.opened,
    anatomy,
    ...(cache !== undefined && { cache }),
    duplicates: { exact, transposed },
    warnings: await belongingWarnings(open),
    ...(embedded && { recipe: embedded.recipe, build: embedded.report }),
  };
}

/** Every part of the folder with the bytes of its files. */
async function partFacts({ folder, parts }: OpenModel) {
  return Promise.all(
    parts.map(async (part) => ({ ...part, bytes: bytesOfFiles(await partFiles(folder, part)) })),
  );
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort(([, a], [, b]) => b - a));
}

type Facts = Awaited<ReturnType<typeof factsOf>>;

/** A folder's parts, the opened one marked. */
function printParts({ part, parts }: Facts): void {
  if (parts.length < 2) return;
  printLine();
  printTable(
    ['', 'part', 'role', 'dtype', 'bytes'],
    parts.map(({ path, role, dtype, bytes }) => [
      path === part ? '*' : ' ',
      path,
      role,
      dtype,
      formatBytes(bytes),
    ]),
  );
  printLine('* is opened; --part opens another.');
}

function printFacts({ anatomy }: OpenModel, facts: Facts): void {
  const { blocks, layers } = anatomy;
  printLine(
    `${facts.name} · ${anatomy.layout} · ${blocks.length} blocks · ${facts.parameters} parameters · ${formatBytes(facts.fileBytes)}`,
  );
  printLine(
    `task ${facts.task} (${facts.taskReason}) · ${facts.nodes} nodes · opset ${facts.opsets.map((o) => `${o.domain || 'ai.onnx'} ${o.version}`).join(', ')}`,
  );
  printLine(
    `bytes by type: ${Object.entries(facts.bytesByType)
      .map(([type, bytes]) => `${type} ${formatBytes(bytes)}`)
      .join(', ')}`,
  );
  const [block] = blocks;
  if (block !== undefined) {
    printLine(
      `block: ${block.heads ?? '?'} heads of ${block.headSize ?? '?'}, ${block.keyValueHeads ?? '?'} key-value heads, feed-forward ${block.feedForwardWidth ?? '?'}${block.gated === true ? ' gated' : ''}${mixtureOf(block)}`,
    );
  }
  const { cache } = facts;
  if (cache !== undefined)
    printLine(typeof cache === 'string' ? `note: ${cache}` : cacheLine(cache));
  for (const { names } of facts.duplicates.exact) printLine(`equal tensors: ${names.join(', ')}`);
  for (const { names } of facts.duplicates.transposed)
    printLine(`transposed equals: ${names.join(', ')}`);
  for (const sentence of facts.opened) printLine(`opened: ${sentence}`);
  for (const note of [...anatomy.notes, ...facts.warnings]) printLine(`note: ${note}`);
  printParts(facts);
  printLine();
  printTable(
    ['layer', 'role', 'block', 'op', 'out × in', 'stored as'],
    layers.map((l) => [
      l.name,
      l.role,
      l.block === undefined ? '' : String(l.block),
      l.op,
      `${l.outFeatures} × ${l.inFeatures}`,
      l.stored?.text ?? '',
    ]),
  );
}
