import { LatheError } from '../../errors/lathe-error.ts';
import type { Node } from '../types.ts';
import { rewireNode, valuesRead } from './values.ts';

/** One place in the list. `node` changes as it is rewired; the handles a caller holds stay valid. */
export interface Entry {
  node: Node;
  /** False for a node that the original graph did not have. */
  readonly original: boolean;
  removed: boolean;
  previous?: Entry;
  next?: Entry;
}

/** The editor's working copy of the nodes: a linked list that knows who reads which value. */
export class NodeList {
  private first?: Entry;
  private last?: Entry;
  private readonly entries = new Map<Node, Entry>();
  private readonly readers = new Map<string, Set<Entry>>();
  private readonly makers = new Map<string, Entry>();

  constructor(nodes: readonly Node[]) {
    for (const node of nodes) this.link({ node, original: true, removed: false }, this.last);
  }

  /** The entry of a node as the caller knows it. Throws `node-not-in-graph`. */
  entryOf(node: Node): Entry {
    const entry = this.entries.get(node);
    if (entry && !entry.removed) return entry;
    throw new LatheError(
      'node-not-in-graph',
      `The ${node.opType} node that makes "${node.outputs[0] ?? ''}" is not (or no longer) part of the graph being edited; take the node from the graph given to editGraph.`,
      { opType: node.opType },
    );
  }

  *[Symbol.iterator](): Generator<Entry> {
    for (let entry = this.first; entry; entry = entry.next) yield entry;
  }

  /** Inserts behind `after`, or at the front. */
  insert(node: Node, after: Entry | undefined): Entry {
    const entry: Entry = { node, original: false, removed: false };
    this.link(entry, after);
    return entry;
  }

  get end(): Entry | undefined {
    return this.last;
  }

  remove(entry: Entry): void {
    if (entry.previous) entry.previous.next = entry.next;
    else this.first = entry.next;
    if (entry.next) entry.next.previous = entry.previous;
    else this.last = entry.previous;
    entry.removed = true;
    this.forget(entry);
  }

  readersOf(value: string): readonly Entry[] {
    return [...(this.readers.get(value) ?? [])];
  }

  makerOf(value: string): Entry | undefined {
    return this.makers.get(value);
  }

  /** Every reader of `from` reads `to` instead, except the nodes in `except`. */
  rewire(from: string, to: string, except: ReadonlySet<Entry> = new Set()): void {
    for (const entry of this.readersOf(from)) {
      if (!except.has(entry)) this.change(entry, rewireNode(entry.node, from, to));
    }
  }

  /** Puts another node into the same place; both handles then name it. */
  change(entry: Entry, node: Node): void {
    this.forget(entry);
    entry.node = node;
    this.entries.set(node, entry);
    this.remember(entry);
  }

  private link(entry: Entry, after: Entry | undefined): void {
    entry.previous = after;
    entry.next = after ? after.next : this.first;
    if (entry.next) entry.next.previous = entry;
    else this.last = entry;
    if (after) after.next = entry;
    else this.first = entry;
    this.entries.set(entry.node, entry);
    this.remember(entry);
  }

  private remember(entry: Entry): void {
    for (const value of entry.node.outputs) this.makers.set(value, entry);
    for (const value of valuesRead(entry.node)) {
      const set = this.readers.get(value);
      if (set) set.add(entry);
      else this.readers.set(value, new Set([entry]));
    }
  }

  private forget(entry: Entry): void {
    for (const value of valuesRead(entry.node)) this.readers.get(value)?.delete(entry);
    for (const value of entry.node.outputs) {
      if (this.makers.get(value) === entry) this.makers.delete(value);
    }
  }
}
