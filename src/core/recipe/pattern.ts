import { LatheError } from '../errors/lathe-error.ts';

/**
 * A regular expression that runs in time linear in the text (Thompson 1968): recipes travel in links,
 * and JavaScript's own engine can be made to hang by a hostile pattern. Knows literals, `.`, classes,
 * `\d \w \s`, groups, `|`, `* + ? {n,m}`, `^` and `$`.
 */
export interface NamePattern {
  /** True when the pattern occurs in the text. */
  test(text: string): boolean;
}

type Matches = (char: string) => boolean;

type Instruction =
  | { readonly kind: 'char'; readonly matches: Matches }
  | { readonly kind: 'fork'; first: number; second: number }
  | { readonly kind: 'start' }
  | { readonly kind: 'end' }
  | { readonly kind: 'match' };

/** Emits a part of the program behind what is there already. */
type Part = (program: Instruction[]) => void;

const LONGEST_PATTERN = 200;
const LONGEST_PROGRAM = 2000;

/** Compiles a pattern. Throws `pattern-invalid` with what is wrong with it. */
export function compilePattern(source: string): NamePattern {
  if (source.length > LONGEST_PATTERN) {
    throw invalid(source, `is longer than ${LONGEST_PATTERN} characters`);
  }
  const program: Instruction[] = [];
  new Parser(source).parse()(program);
  program.push({ kind: 'match' });
  return { test: (text) => run(program, text) };
}

function invalid(source: string, what: string): LatheError {
  const shown = source.length > 40 ? `${source.slice(0, 40)}…` : source;
  return new LatheError(
    'pattern-invalid',
    `The regular expression /${shown}/ ${what}; write a simpler one, or list the layers by name.`,
  );
}

class Parser {
  #at = 0;

  constructor(readonly source: string) {}

  parse(): Part {
    const part = this.#alternatives();
    if (this.#at < this.source.length) throw invalid(this.source, 'has a ")" too many');
    return part;
  }

  #alternatives(): Part {
    let part = this.#sequence();
    while (this.#take('|')) part = either(part, this.#sequence());
    return part;
  }

  #sequence(): Part {
    const parts: Part[] = [];
    while (this.#at < this.source.length && !'|)'.includes(this.source[this.#at])) {
      parts.push(this.#repeated(this.#atom()));
    }
    return (program) => parts.forEach((part) => part(program));
  }

  #repeated(part: Part): Part {
    if (this.#take('*')) return this.#bounded(part, 0, Infinity);
    if (this.#take('+')) return this.#bounded(part, 1, Infinity);
    if (this.#take('?')) return this.#bounded(part, 0, 1);
    const range = /^\{(\d{1,2})(,?)(\d{0,2})\}/.exec(this.source.slice(this.#at));
    if (range === null) return part;
    this.#at += range[0].length;
    const least = Number(range[1]);
    const most = range[2] === '' ? least : range[3] === '' ? Infinity : Number(range[3]);
    return this.#bounded(part, least, most);
  }

  #bounded(part: Part, least: number, most: number): Part {
    return (program) => {
      for (let i = 0; i < least; i++) part(program);
      if (most === Infinity) star(part)(program);
      for (let i = least; i < most && most !== Infinity; i++) optional(part)(program);
      if (program.length > LONGEST_PROGRAM) throw invalid(this.source, 'repeats too much');
    };
  }

  #atom(): Part {
    const char = this.source[this.#at++];
    if (char === '(') return this.#group();
    if (char === '[') return one(this.#charClass());
    if (char === '^') return (program) => program.push({ kind: 'start' });
    if (char === '$') return (program) => program.push({ kind: 'end' });
    if (char === '.') return one(() => true);
    if (char === '\\') return one(this.#escape());
    if ('*+?{'.includes(char)) throw invalid(this.source, `repeats nothing with "${char}"`);
    return one((c) => c === char);
  }

  #group(): Part {
    if (this.source.startsWith('?:', this.#at)) this.#at += 2;
    else if (this.source[this.#at] === '?') throw invalid(this.source, 'uses a look-around');
    const part = this.#alternatives();
    if (!this.#take(')')) throw invalid(this.source, 'has a "(" that is never closed');
    return part;
  }

  #escape(): Matches {
    const char = this.source[this.#at++];
    if (char === undefined) throw invalid(this.source, 'ends in a backslash');
    if (char === 'd') return (c) => /[0-9]/.test(c);
    if (char === 'w') return (c) => /\w/.test(c);
    if (char === 's') return (c) => /\s/.test(c);
    if (/[0-9A-Za-z]/.test(char))
      throw invalid(this.source, `uses \\${char}, which is not supported`);
    return (c) => c === char;
  }

  #charClass(): Matches {
    const negated = this.#take('^');
    const members: Matches[] = [];
    while (!this.#take(']')) members.push(this.#classMember());
    return (c) => members.some((matches) => matches(c)) !== negated;
  }

  #classMember(): Matches {
    const char = this.source[this.#at++];
    if (char === undefined) throw invalid(this.source, 'has a "[" that is never closed');
    if (char === '\\') return this.#escape();
    const last = this.source[this.#at + 1];
    if (this.source[this.#at] !== '-' || last === undefined || last === ']')
      return (c) => c === char;
    this.#at += 2;
    return (c) => c >= char && c <= last;
  }

  #take(char: string): boolean {
    if (this.source[this.#at] !== char) return false;
    this.#at++;
    return true;
  }
}

function one(matches: Matches): Part {
  return (program) => program.push({ kind: 'char', matches });
}

/** Tries `first`; on failure goes on at `second`. Targets are filled in once known. */
function fork(program: Instruction[]): { first: number; second: number } {
  const instruction = { kind: 'fork' as const, first: program.length + 1, second: 0 };
  program.push(instruction);
  return instruction;
}

function star(part: Part): Part {
  return (program) => {
    const start = program.length;
    const branch = fork(program);
    part(program);
    program.push({ kind: 'fork', first: start, second: start });
    branch.second = program.length;
  };
}

function optional(part: Part): Part {
  return (program) => {
    const branch = fork(program);
    part(program);
    branch.second = program.length;
  };
}

function either(left: Part, right: Part): Part {
  return (program) => {
    const branch = fork(program);
    left(program);
    const jump = fork(program);
    branch.second = program.length;
    right(program);
    jump.first = program.length;
    jump.second = program.length;
  };
}

/** All threads at once: each character is looked at once per instruction. */
function run(program: readonly Instruction[], text: string): boolean {
  let threads = new Set<number>();
  for (let at = 0; at <= text.length; at++) {
    const open = new Set<number>();
    for (const thread of [...threads, 0]) follow(program, thread, at, text.length, open);
    if ([...open].some((thread) => program[thread].kind === 'match')) return true;
    threads = new Set();
    for (const thread of open) {
      const instruction = program[thread];
      if (instruction.kind === 'char' && at < text.length && instruction.matches(text[at])) {
        threads.add(thread + 1);
      }
    }
  }
  return false;
}

/** Adds every instruction reachable without reading a character. */
function follow(
  program: readonly Instruction[],
  from: number,
  at: number,
  length: number,
  open: Set<number>,
): void {
  const stack = [from];
  for (let thread = stack.pop(); thread !== undefined; thread = stack.pop()) {
    if (open.has(thread)) continue;
    open.add(thread);
    const instruction = program[thread];
    if (instruction.kind === 'fork') stack.push(instruction.second, instruction.first);
    if (instruction.kind === 'start' && at === 0) stack.push(thread + 1);
    if (instruction.kind === 'end' && at === length) stack.push(thread + 1);
  }
}
