/** Runs a graph of IR and tells what of that can be seen from outside. */
import { ClosureLayout, Header, InstanceLayout, SLOT_TAG } from '../../../lib/heap/layout.js'
import {
  type Block,
  type Edge,
  type Graph,
  type Instruction,
  isConstant,
  type Snapshot,
  type SnapshotSlot,
  type Value,
} from '../../../lib/jit/ir/graph.js'
import { argumentOf, type OpName } from '../../../lib/jit/ir/ops.js'
import type { Hints } from './hints.js'
import {
  addressOfSymbol,
  type Changes,
  CONTEXT,
  type Hint,
  isPointer,
  Memory,
  madeBy,
  NO_HINT,
  type Oracle,
  type Space,
} from './memory.js'
import { DEMANDS, Fault, low32, PURE } from './operations.js'

/** Something that others see: a call, a fallback, a write to the frame, the end of the run. */
export interface Event {
  /** The operation with the values of its operands and of its snapshot. */
  readonly text: string
  /** What has been stored since the event before. */
  readonly changes: Changes
  readonly instruction: Instruction
  /** Of allocations: where the object is. */
  readonly object: bigint | null
}

/** A loop is entered from outside. Leaving there, for the header, would be as good as going on. */
export interface LoopEntry {
  /** How many events there were before. */
  readonly events: number
  readonly changes: Changes
  /** What the header's entry snapshot says. */
  readonly text: string
}

/**
 * `returns`: with a result, or for good (`leave`). `exits`: a guard failed. `faults`: something was done that would
 * crash. `endless`: it took too many steps. The last event says the rest.
 */
export type Ending = 'returns' | 'exits' | 'faults' | 'endless'

export interface Outcome {
  readonly ending: Ending
  readonly events: readonly Event[]
  readonly entries: readonly LoopEntry[]
  readonly steps: number
}

const NO_CHANGES: Changes = new Map()
/** What a collection or another function may change: anything that can change at all. */
const CHANGING: readonly Space[] = ['globals', 'cells', 'fields', 'elements', 'data', 'hash', 'any', 'frame']
const DISTURBS: { readonly [K in OpName]?: readonly Space[] } = {
  step: CHANGING,
  call: CHANGING,
  'hash.store': ['hash'],
}
/** Results of routines that are a decision, or an order. */
const DECISIONS: { readonly [K in OpName]?: readonly bigint[] } = {
  'string.equal': [0n, 1n],
  'value.is': [0n, 1n],
  'string.order': [-1n, 0n, 1n],
}

/** @param entries whether to note entries of loops; behind the last passes their snapshots need not be kept up */
export function interpret(
  graph: Graph,
  hints: Hints,
  oracle: Oracle,
  maxSteps: number,
  entries: boolean,
): Outcome {
  return new Run(graph, hints, oracle, maxSteps, entries).run()
}

class Run {
  private readonly values: (bigint | undefined)[]
  private readonly memory: Memory
  private readonly events: Event[] = []
  private readonly entries: LoopEntry[] = []
  /** By id of the block: its place in the order of the graph. */
  private readonly order: number[] = []
  private steps = 0
  /** By id of an `alloc`: how many objects it has made. */
  private readonly made = new Map<number, number>()
  private allocations = 0
  /** How many times arrays may have come to share their elements. */
  private sharings = 0
  private ending: Ending | null = null

  constructor(
    private readonly graph: Graph,
    private readonly hints: Hints,
    private readonly oracle: Oracle,
    private readonly maxSteps: number,
    private readonly wantsEntries: boolean,
  ) {
    this.values = new Array(graph.valueCount)
    this.memory = new Memory(oracle)
    graph.blocks.forEach(({ id }, place) => {
      this.order[id] = place
    })
  }

  run(): Outcome {
    let block: Block | undefined = this.graph.blocks[0]
    while (block !== undefined && this.ending === null) {
      let next: Edge | null = null
      for (const instruction of block.instructions) {
        if (++this.steps > this.maxSteps) this.ending = 'endless'
        else next = this.execute(instruction)
        if (this.ending !== null) break
      }
      if (next !== null && this.ending === null) this.follow(block.id, next)
      block = next?.block
    }
    const { ending, events, entries, steps } = this
    return { ending: ending ?? 'faults', events, entries, steps }
  }

  private follow(from: number, { block, args }: Edge): void {
    const values = args.map((arg) => this.value(arg))
    const isEntry = (this.order[block.id] as number) > (this.order[from] as number)
    if (this.wantsEntries && isEntry && block.entrySnapshot !== null) {
      this.entries.push({
        events: this.events.length,
        changes: this.memory.peekChanges(),
        text: this.snapshotText(block.entrySnapshot),
      })
    }
    block.parameters.forEach(({ id }, i) => {
      this.values[id] = values[i]
    })
  }

  /** @returns where to go on behind the block */
  private execute(instruction: Instruction): Edge | null {
    try {
      return this.step(instruction)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      this.end('faults', `${instruction.op}: ${error.message}`, instruction)
      return null
    }
  }

  private step(instruction: Instruction): Edge | null {
    const { op, imm, symbol, targets, id } = instruction
    const { memory, oracle } = this
    const args = instruction.args.map((arg) => this.value(arg))
    const [a = 0n, b = 0n] = args
    const compute = PURE[op as keyof typeof PURE]
    if (compute !== undefined) {
      this.values[id] = compute(args, imm)
      return null
    }
    if (op.startsWith('guard.')) {
      if (!this.holds(instruction, args)) this.leave('exits', instruction)
      return null
    }
    switch (op) {
      case 'int':
      case 'float':
      case 'address':
      case 'context':
        return null
      case 'argument':
      case 'argument.float':
        this.values[id] = memory.read('frame', BigInt(argumentOf(imm).offset), this.hints.of(instruction))
        return null
      case 'frame.load':
      case 'frame.float':
        this.values[id] = memory.read('frame', imm, this.hints.of(instruction))
        return null
      case 'frame.tag':
        this.values[id] = memory.read('frame', imm + BigInt(SLOT_TAG), this.hints.of(instruction))
        return null
      case 'load':
      case 'loadf':
        this.values[id] = this.read(instruction.memory, a, imm, this.hints.of(instruction))
        return null
      case 'load32':
        this.values[id] = low32(this.read(instruction.memory, a, imm, this.hints.of(instruction)))
        return null
      case 'load8':
        this.values[id] = this.read('bytes', a, imm, NO_HINT) & 255n
        return null
      case 'store':
      case 'storef':
      case 'store32':
        this.checkPointer(a)
        memory.write(instruction.memory, a + imm, op === 'store32' ? low32(b) : b, this.hints.of(instruction))
        return null
      case 'slot.store': {
        const [pointer, tag, payload] = args as [bigint, bigint, bigint | undefined]
        this.checkPointer(pointer)
        const hint = this.hints.of(instruction)
        if (payload !== undefined) memory.write(instruction.memory, pointer + imm, payload, hint)
        memory.write(instruction.memory, pointer + imm + BigInt(SLOT_TAG), tag, hint)
        return null
      }
      case 'array.own':
      case 'array.unshare': {
        this.checkPointer(a)
        const { data, isLarge } = memory.unshare(a, this.sharings, this.hints.of(instruction))
        this.values[id] = data
        if (!isLarge) return null
        // Many elements are left to the VM.
        if (op === 'array.unshare') this.leave('exits', instruction)
        else {
          this.note(instruction, '', true)
          this.writeBack(instruction)
        }
        return null
      }
      case 'frame.put': {
        // Nothing but the VM reads the frame, so these are not kept back.
        if (args.length === 2) memory.write('frame', imm, a, NO_HINT)
        memory.write('frame', imm + BigInt(SLOT_TAG), args.at(-1) as bigint, NO_HINT)
        this.note(instruction, `${imm} ${args}`, false)
        return null
      }
      case 'hash.find':
        // It may find another entry after whatever changes hashes.
        this.checkPointer(a)
        this.values[id] = oracle.ask(`find ${args} ${imm} ${this.countOf('hash')}`, (random) =>
          random.chance(0.2) ? addressOfSymbol('table:null') : madeBy(0x2000 + random.below(4)),
        )
        return null
      case 'string.equal':
      case 'value.is':
      case 'string.order':
        this.values[id] = oracle.ask(`${op} ${args} ${imm}`, (random) =>
          random.pick(DECISIONS[op] as bigint[]),
        )
        return null
      case 'call.tag':
        this.values[id] = oracle.tag(`tag of call ${this.countOf('frame')}`, this.hints.of(instruction))
        return null
      case 'jump':
        return targets[0] as Edge
      case 'branch':
        return targets[a !== 0n ? 0 : 1] as Edge
      case 'return':
        this.end('returns', `return ${a} ${b}`, instruction)
        return null
      case 'leave':
        this.leave('returns', instruction)
        return null
      default:
        if (!instruction.info.effect) throw new Error(`nobody says what ${op} computes`)
        if (op === 'alloc') return this.allocate(instruction)
        // How a poll asks is looked at elsewhere.
        this.note(instruction, `${op === 'poll' ? '' : imm} ${symbol ?? ''} ${args}`, true)
        this.writeBack(instruction)
        for (const space of DISTURBS[op] ?? []) this.disturb(space)
        if (op === 'step' || op === 'call' || op === 'array.push' || op === 'array.append') this.sharings++
        if (instruction.hasResult) this.values[id] = this.resultOf(instruction)
        return null
    }
  }

  /** Passes may leave allocations out: nothing else depends on how many there were. */
  private allocate(instruction: Instruction): null {
    const { id, imm } = instruction
    const count = (this.made.get(id) ?? 0) + 1
    this.made.set(id, count)
    this.allocations++
    const object = this.oracle.object(`${id} ${count}`)
    this.values[id] = object
    this.note(instruction, `${imm}`, true, object)
    return null
  }

  /** Events so far, but for allocations. */
  private get eventNumber(): number {
    return this.events.length - this.allocations
  }

  /** Of an effect: a new object, or what a call gives. */
  private resultOf(instruction: Instruction): bigint {
    const { op } = instruction
    const number = this.eventNumber
    if (op === 'method.find')
      return this.oracle.ask(`method ${number}`, (random) => (random.chance(0.2) ? 0n : madeBy(number)))
    if (op !== 'call') return madeBy(number)
    const tag = this.oracle.tag(`tag of call ${this.countOf('frame')}`, this.hints.of(instruction))
    return this.oracle.payload(`result of call ${number}`, tag, this.hints.of(instruction))
  }

  /** Where the VM takes an instruction over, the variables that are kept back are written before it. */
  private writeBack({ op, snapshot }: Instruction): void {
    const { memory, oracle } = this
    if (snapshot === null || snapshot.variables.length === 0) return
    const isTaken = oracle.ask(`VM at ${this.eventNumber}`, (random) => BigInt(random.below(2))) === 1n
    if (op !== 'step' && !isTaken) return
    for (const { offset, payload, tag } of snapshot.variables) {
      const address = CONTEXT + BigInt(offset)
      if (payload !== null) memory.write('globals', address, this.value(payload), NO_HINT)
      const word = typeof tag === 'number' ? BigInt(tag) : low32(this.value(tag))
      memory.write('globals', address + BigInt(SLOT_TAG), word, NO_HINT)
    }
  }

  private readonly disturbed = new Map<Space, number>()

  private disturb(space: Space): void {
    this.memory.disturb(space)
    this.disturbed.set(space, this.countOf(space) + 1)
  }

  private countOf(space: Space): number {
    return this.disturbed.get(space) ?? 0
  }

  private holds({ op, imm, symbol }: Instruction, args: readonly bigint[]): boolean {
    const [a = 0n] = args
    const refersTo = (offset: number): boolean => {
      const address = addressOfSymbol(symbol ?? '')
      const found = this.read('fixed', a, BigInt(offset), {
        ...NO_HINT,
        words: [address],
        isPointer: true,
      })
      return low32(found) === low32(address)
    }
    switch (op) {
      case 'guard.ref':
        return low32(a) === low32(addressOfSymbol(symbol ?? ''))
      case 'guard.function':
        return refersTo(ClosureLayout.FUNCTION)
      case 'guard.class':
        return refersTo(InstanceLayout.CLASS)
      case 'guard.home':
        return refersTo(ClosureLayout.HOME)
      case 'guard.fields':
        return (
          low32(this.read('fixed', a, BigInt(InstanceLayout.FIELDS), { ...NO_HINT, words: [imm + 1n] })) > imm
        )
      case 'guard.narrow':
        return this.read('bytes', a, BigInt(Header.AUX), { ...NO_HINT, words: [1n] }) === 1n
      case 'guard.depth':
        return this.oracle.ask('depth', (random) => (random.chance(0.9) ? 1000n : 1n)) >= imm
      default: {
        const demand = DEMANDS[op as keyof typeof DEMANDS]
        if (demand === undefined) throw new Error(`nobody says what ${op} demands`)
        return demand(args, imm)
      }
    }
  }

  private read(space: Space, pointer: bigint, offset: bigint, hint: Hint): bigint {
    this.checkPointer(pointer)
    return this.memory.read(space, pointer + offset, hint)
  }

  private checkPointer(pointer: bigint): void {
    if (!isPointer(pointer)) throw new Fault(`${pointer} is no pointer`)
  }

  private note(
    instruction: Instruction,
    operands: string,
    observes: boolean,
    object: bigint | null = null,
  ): void {
    const snapshot = instruction.snapshot === null ? '' : ` ${this.snapshotText(instruction.snapshot)}`
    // Who cannot see that an array is the one it was sees a new one.
    const op = instruction.op === 'array.append' ? 'array.push' : instruction.op
    this.events.push({
      text: `${op} @${instruction.position} ${operands}${snapshot}`,
      changes: observes ? this.memory.takeChanges() : NO_CHANGES,
      instruction,
      object,
    })
  }

  private leave(ending: Ending, instruction: Instruction): void {
    const snapshot = instruction.snapshot as Snapshot
    this.end(ending, this.snapshotText(snapshot), instruction)
  }

  private end(ending: Ending, text: string, instruction: Instruction): void {
    this.ending = ending
    this.events.push({ text, changes: this.memory.takeChanges(), instruction, object: null })
  }

  private snapshotText({ position, slots, variables }: Snapshot): string {
    const textOf = ({ offset, payload, tag }: SnapshotSlot): string => {
      const word = payload === null ? '' : this.value(payload)
      return `${offset}=${word}:${typeof tag === 'number' ? tag : low32(this.value(tag))}`
    }
    const texts = [...slots.map(textOf).sort(), ...variables.map((slot) => `@${textOf(slot)}`).sort()]
    return `{${position} ${texts.join(' ')}}`
  }

  private value(value: Value): bigint {
    if (isConstant(value)) {
      if (value.op === 'address') return addressOfSymbol(value.symbol ?? '')
      return value.op === 'context' ? CONTEXT : BigInt.asIntN(64, value.imm)
    }
    const found = this.values[value.id]
    if (found === undefined) throw new Error(`value ${value.id} is used before it is defined`)
    return found
  }
}
