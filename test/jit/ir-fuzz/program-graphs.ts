/**
 * Graphs that the builder makes of random programs (`test/fuzz`), with random ideas of what was observed of them: the
 * same feedback that a profile could bring, which need not fit the program.
 */
import { instructionPositions } from '../../../lib/bytecode/index.js'
import { Op } from '../../../lib/bytecode/opcodes.js'
import type { BytecodeFunction, BytecodeProgram } from '../../../lib/bytecode/program.js'
import { Tag } from '../../../lib/heap/layout.js'
import { buildGraph } from '../../../lib/jit/build/builder.js'
import type { FrameEntry } from '../../../lib/jit/build/input.js'
import { UNKNOWN } from '../../../lib/jit/build/state.js'
import { emptyWorld, type World } from '../../../lib/jit/build/world.js'
import type { Feedback } from '../../../lib/jit/compile.js'
import type { Graph } from '../../../lib/jit/ir/graph.js'
import type { PassName } from '../../../lib/jit/pass-names.js'
import { builtinIndex } from '../../../lib/runtime/builtins/registry.js'
import { SiteFeedback } from '../../../lib/vm/feedback.js'
import { generate, KINDS, type ProgramKind } from '../../fuzz/generate.js'
import { Random } from '../../fuzz/random.js'
import { programOf } from '../tools.js'

export interface GraphSource {
  /** Of what it is made, for people. */
  readonly name: string
  /** Makes the graph, the same each time. */
  readonly make: () => Graph
}

const CONTAINERS = [Tag.ARRAY, Tag.ARRAY, Tag.HASH, Tag.STRING, Tag.INSTANCE] as const
const OTHERS = [Tag.NULL, Tag.BOOLEAN, Tag.STRING, Tag.ARRAY, Tag.INSTANCE, Tag.CLOSURE] as const
const BUILTINS = ['len', 'push', 'builtin_floor', 'builtin_abs', 'builtin_sqrt', 'type', 'substr', 'slice']
/** Addresses of the two classes that there might be. */
const CLASSES = [0x1000, 0x2000] as const
/** Where the closures of methods are; the number of the function is added. */
const CLOSURES = 0x10_0000

/** The graphs of all functions of one random program, and of its loops as they are entered in the middle. */
export function programGraphs(seed: number): GraphSource[] {
  const kind = KINDS[seed % KINDS.length] as ProgramKind
  const program = programOf(generate(seed, kind))
  const observed = new Observed(program, new Random(seed))
  return program.functions.flatMap((fn, index) => {
    const name = `${kind} program ${seed}, function ${index} ${fn.name}`
    const input = {
      program,
      fn,
      feedback: observed.feedback[index] as Feedback,
      world: observed.world,
      home: observed.homeOf(fn),
      disabledPasses: new Set<PassName>(),
    }
    const entries: (FrameEntry | null)[] = [null, ...observed.entriesOf(fn)]
    return entries.map((entry): GraphSource => {
      const where = entry === null ? '' : ` from ${entry.position}`
      return { name: `${name}${where}`, make: () => buildGraph({ ...input, entry }) }
    })
  })
}

class Observed {
  readonly feedback: Feedback[]
  readonly world: World

  constructor(
    private readonly program: BytecodeProgram,
    private readonly random: Random,
  ) {
    this.feedback = program.functions.map((fn) => this.feedbackOf(fn))
    const tags = program.globals.map(() => this.tag())
    const closureOf = (name: string): number => {
      const found = program.functions.findIndex((fn) => fn.method && fn.name.endsWith(name))
      return found < 0 ? 0 : CLOSURES + found
    }
    this.world = {
      ...emptyWorld(builtinIndex),
      method: (_, name) => closureOf(name),
      superMethod: (_, name) => closureOf(name),
      functionOf: (closure) => (closure >= CLOSURES ? closure - CLOSURES : -1),
      feedbackOf: (target) => this.feedback[target] ?? null,
      homeOf: (closure) => (closure >= CLOSURES ? CLASSES[0] : 0),
      fieldCount: () => 3,
      globalTag: (slot) => tags[slot] ?? Tag.INTEGER,
      fieldNumber: (_, name) => 'abc'.indexOf(name.replace('@', '')),
      nearGlobals: random.chance(0.8),
    }
  }

  homeOf({ method }: BytecodeFunction): number {
    return method && this.random.chance(0.7) ? CLASSES[0] : 0
  }

  entriesOf(fn: BytecodeFunction): FrameEntry[] {
    const { random } = this
    const headers = instructionPositions(fn.code).filter((position) => fn.code[position] === Op.Loop)
    // Where the compiler has put a cell, the VM always finds one.
    const cells = instructionPositions(fn.code).flatMap((position) =>
      fn.code[position] === Op.NewCell ? [fn.code[position + 1]] : [],
    )
    const tagOf = (slot: number): number =>
      cells.includes(slot) ? Tag.CELL : random.chance(0.3) ? UNKNOWN : this.tag()
    return headers.slice(0, 2).map((position) => ({
      position: fn.code[position + 1] as number,
      tags: Array.from({ length: fn.locals + fn.maxStack }, (_, slot) => tagOf(slot)),
    }))
  }

  private tag(): Tag {
    const { random } = this
    if (random.chance(0.15)) return random.pick(OTHERS)
    return random.chance(0.7) ? Tag.INTEGER : Tag.FLOAT
  }

  /** Of a function whose numbers are mostly of one type. */
  private feedbackOf({ code }: BytecodeFunction): Feedback {
    const { random } = this
    const usual = this.tag()
    const known = random.pick([0.5, 0.9, 1])
    return new Map(
      instructionPositions(code)
        .filter(() => random.chance(known))
        .map((position) => [position, this.site(code[position] as number, usual)]),
    )
  }

  private site(opcode: number, usual: Tag): SiteFeedback {
    const { random } = this
    const site = new SiteFeedback()
    const mask = (): number => {
      const one = 1 << (random.chance(0.8) ? usual : this.tag())
      return random.chance(0.1) ? one | (1 << this.tag()) : one
    }
    site.left = mask()
    site.right = mask()
    site.third = mask()
    if (INDEXED.has(opcode)) {
      site.left = 1 << random.pick(CONTAINERS)
      site.right = 1 << (random.chance(0.8) ? Tag.INTEGER : Tag.STRING)
    }
    if (FIELDS.has(opcode)) site.left = 1 << Tag.INSTANCE
    site.whenTrue = random.below(3) * 50
    site.whenFalse = random.below(3) * 50
    site.count = 100
    if (random.chance(0.7)) site.target = random.below(this.program.functions.length)
    else site.builtin = builtinIndex(random.pick(BUILTINS))
    for (let count = random.below(3); count > 0; count--) site.addClass(random.pick(CLASSES))
    site.field = random.below(3)
    return site
  }
}

const INDEXED: ReadonlySet<number> = new Set([Op.GetIndex, Op.SetIndex, Op.GetProperty])
const FIELDS: ReadonlySet<number> = new Set([Op.GetField, Op.SetField, Op.CallMethod])
