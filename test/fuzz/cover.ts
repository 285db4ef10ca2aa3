/**
 * What of the language and of the compiler occurs in random programs, by the project's own tables: so that it shows
 * what the generator never makes. Tables are those of the syntax, of built-in functions and members, of bytecode, of
 * the IR and of the reasons for which native code is left.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compile } from '../../lib/bytecode/index.js'
import { instructionPositions, opcodeAt } from '../../lib/bytecode/instructions.js'
import { OPCODES } from '../../lib/bytecode/opcodes.js'
import { OPS } from '../../lib/jit/ir/ops.js'
import { EXIT_REASONS } from '../../lib/jit/reasons.js'
import { loadProgram } from '../../lib/modules/load.js'
import { isBuiltin, runSource } from '../../lib/run/index.js'
import { defaultRunOptions, type RunOptions } from '../../lib/run/options.js'
import { ARRAY_MEMBERS } from '../../lib/runtime/builtins/arrays.js'
import { HASH_MEMBERS } from '../../lib/runtime/builtins/hashes.js'
import { JSON_MEMBERS } from '../../lib/runtime/builtins/json.js'
import { NUMBER_MEMBERS } from '../../lib/runtime/builtins/numbers.js'
import { BUILTINS } from '../../lib/runtime/builtins/registry.js'
import { STRING_MEMBERS } from '../../lib/runtime/builtins/strings.js'
import { CHILD_KEYS, childrenOf, type Node } from '../../lib/syntax/index.js'
import { BINARY_LEVELS } from '../../lib/syntax/tokens.js'
import { MODES, type ModeName, sizes } from '../support/modes.js'
import { splitFiles } from './files.js'

/** In which native code is looked at: what is observed of programs, and what is not, compiles to other operations. */
const NATIVE: readonly ModeName[] = ['jitSoon', 'jitAtOnce']
const MEMBERS = {
  string: STRING_MEMBERS,
  array: ARRAY_MEMBERS,
  hash: HASH_MEMBERS,
  number: NUMBER_MEMBERS,
  JSON: JSON_MEMBERS,
} as const
/** Of files, clocks and chance: two runs do not say the same. */
const NOT_REPEATABLE = /^(file|directory|Time|TimeZone|Duration|path)\b|random/

/** How often each row of a table occurred. */
export class Count {
  private readonly times: Map<string, number>

  constructor(
    readonly title: string,
    rows: Iterable<string>,
  ) {
    this.times = new Map([...rows].map((row) => [row, 0]))
  }

  add(row: string): void {
    const times = this.times.get(row)
    if (times !== undefined) this.times.set(row, times + 1)
  }

  /** Rows that never occurred. */
  get missing(): string[] {
    return [...this.times].filter(([, times]) => times === 0).map(([row]) => row)
  }

  /** One line, with the rows that were missing or seldom. */
  get report(): string {
    const { missing, title, times } = this
    const seldom = [...times].filter(([, count]) => count === 1 || count === 2).map(([row]) => row)
    const parts = [`${title}: ${times.size - missing.length} of ${times.size}`]
    if (missing.length > 0) parts.push(`never ${missing.join(' ')}`)
    if (seldom.length > 0) parts.push(`seldom ${seldom.join(' ')}`)
    return parts.join('; ')
  }
}

/** Counts over programs. Not for two programs at a time. */
export class Coverage {
  readonly nodes = new Count('syntax', Object.keys(CHILD_KEYS))
  readonly operators = new Count('operators', [...BINARY_LEVELS.keys(), '-x', '!x'])
  readonly builtins = new Count(
    'built-in functions',
    BUILTINS.map(({ name }) => name).filter((name) => !NOT_REPEATABLE.test(name)),
  )
  readonly members = new Count('members', memberNames())
  readonly opcodes = new Count(
    'bytecode',
    OPCODES.map(({ name }) => name),
  )
  readonly ops = new Count('IR', Object.keys(OPS))
  readonly exits = new Count('exits', Object.keys(EXIT_REASONS))
  private readonly folder = mkdtempSync(join(tmpdir(), 'rush-cover-'))

  get counts(): readonly Count[] {
    return [this.nodes, this.operators, this.builtins, this.members, this.opcodes, this.ops, this.exits]
  }

  async add(text: string): Promise<void> {
    const { main, others } = splitFiles(text)
    const file = join(this.folder, 'program.rush')
    writeFileSync(file, main)
    for (const [name, content] of others) writeFileSync(join(this.folder, name), content)
    const { document } = loadProgram(main, file)
    this.addNodes(document.program)
    for (const module of document.modules) if ('program' in module) this.addNodes(module.program)
    for (const { code } of compile(document, isBuiltin).program.functions) {
      for (const position of instructionPositions(code)) this.opcodes.add(opcodeAt(code, position).name)
    }
    const watch = watchCalls(this.builtins, this.members)
    try {
      await this.run(main, file, 'interpreter', {})
    } finally {
      watch.end()
    }
    for (const mode of NATIVE) {
      const shown = { jitTraceExits: true, dump: ['ir', 'ir:split-live-ranges'] }
      this.addNative(await this.run(main, file, mode, shown))
    }
  }

  end(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** @returns standard error */
  private async run(text: string, file: string, mode: ModeName, more: Partial<RunOptions>): Promise<string> {
    const parts: string[] = []
    const { tier, options } = MODES[mode]
    const output = { write: () => {}, flush: () => {} }
    const errors = { write: (part: string) => void parts.push(part) }
    await runSource({
      text,
      file,
      mode: tier,
      options: { ...defaultRunOptions(output), ...sizes(true), ...options, errors, ...more },
    })
    return parts.join('')
  }

  private addNodes(root: Node): void {
    const nodes: Node[] = [root]
    for (const node of nodes) {
      nodes.push(...childrenOf(node))
      this.nodes.add(node.type)
      if (node.type === 'BinaryExpression' || node.type === 'LogicalExpression')
        this.operators.add(node.operator)
      if (node.type === 'UnaryExpression') this.operators.add(`${node.operator}x`)
    }
  }

  private addNative(shown: string): void {
    for (const [, op] of shown.matchAll(/^ {2}(?:v\d+ = )?([a-z][a-z0-9.]*)/gm)) this.ops.add(op as string)
    for (const [, reason] of shown.matchAll(/^\[exit\] .* \((\w+)\)/gm)) this.exits.add(reason as string)
  }
}

function memberNames(): string[] {
  return Object.entries(MEMBERS).flatMap(([type, { properties, methods }]) =>
    [...properties.keys(), ...methods.keys()].map((name) => `${type}.${name}`),
  )
}

interface Callable {
  call(...given: never[]): void
}

/** Counts calls of built-in functions and methods until `end`; of properties, too. */
function watchCalls(builtins: Count, members: Count): { end(): void } {
  const undo: (() => void)[] = []
  const watch = (callee: Callable, seen: () => void): void => {
    const { call } = callee
    callee.call = function (this: unknown, ...given: never[]) {
      seen()
      return call.apply(this, given)
    }
    undo.push(() => {
      callee.call = call
    })
  }
  for (const builtin of BUILTINS) watch(builtin as Callable, () => builtins.add(builtin.name))
  for (const [type, { properties, methods }] of Object.entries(MEMBERS)) {
    for (const [name, method] of methods) watch(method as Callable, () => members.add(`${type}.${name}`))
    const table = properties as unknown as Map<string, (...given: never[]) => void>
    for (const [name, property] of table) {
      table.set(name, (...given) => {
        members.add(`${type}.${name}`)
        return property(...given)
      })
      undo.push(() => table.set(name, property))
    }
  }
  return {
    end: () => {
      for (const action of undo) action()
    },
  }
}
