/** The IR of one function: blocks of instructions, snapshots, and helpers to make them. */
import type { ExitReason } from '../reasons.js'
import { type OpName, opInfo, type ValueClass } from './ops.js'

/** What an SSA value is: an instruction with a result, or a block parameter. */
export class Value {
  constructor(
    readonly id: number,
    readonly valueClass: ValueClass,
  ) {}
}

export class BlockParameter extends Value {}

/** One slot that an exit or fallback writes back: what the frame does not hold yet. */
export interface SnapshotSlot {
  /** Byte offset from the frame base. */
  offset: number
  /** Null if only the tag matters (null, "no value yet"). */
  payload: Value | null
  /** A constant tag, or the value that holds it. */
  tag: number | Value
}

export interface Snapshot {
  /** Where the VM goes on (exits) or what it executes (fallbacks). */
  position: number
  slots: SnapshotSlot[]
  reason: ExitReason | null
  /** The exit is one of inlined code; the position is that of the call. */
  inlined: boolean
}

export class Instruction extends Value {
  imm = 0n
  symbol: string | null = null
  /** Loads and stores: what part of memory. */
  memory: MemoryClass = 'any'
  snapshot: Snapshot | null = null
  targets: Edge[] = []
  removed = false

  constructor(
    id: number,
    readonly op: OpName,
    public args: Value[],
    /** Bytecode position it was made for. */
    readonly position: number,
  ) {
    super(id, opInfo(op).result ?? 'i')
  }

  get hasResult(): boolean {
    return opInfo(this.op).result !== null
  }
}

/**
 * Parts of memory that do not overlap. `fixed` never changes once the object is there: lengths of arrays and
 * strings, an instance's class, what a closure runs and captures, constants.
 */
export type MemoryClass = 'fixed' | 'globals' | 'cells' | 'fields' | 'elements' | 'data' | 'hash' | 'any'

/** A way from a block to the next, with the arguments for its parameters. */
export interface Edge {
  block: Block
  args: Value[]
}

export class Block {
  readonly parameters: BlockParameter[] = []
  readonly instructions: Instruction[] = []
  /** Loop headers with one way in from outside: what leaving there means, in terms of values before the loop. */
  entrySnapshot: Snapshot | null = null
  /** Filled by `linkPredecessors`. */
  predecessors: Block[] = []

  constructor(
    public id: number,
    /** Bytecode position where it starts. */
    readonly position: number,
    readonly loopHeader: boolean,
  ) {}

  get terminator(): Instruction {
    return this.instructions[this.instructions.length - 1] as Instruction
  }

  get successors(): Block[] {
    return this.terminator.targets.map((edge) => edge.block)
  }
}

export class Graph {
  /** In emission order; the first is the entry. Every block comes after its dominators. */
  blocks: Block[] = []
  /** Byte offsets of the frame's slots that nothing changes while the function runs: what they hold can be read again. */
  stableSlots: ReadonlySet<number> = new Set()
  private nextValue = 0
  private nextBlock = 0

  addBlock(position: number, loopHeader = false): Block {
    return new Block(this.nextBlock++, position, loopHeader)
  }

  addParameter(block: Block, valueClass: ValueClass): BlockParameter {
    const parameter = new BlockParameter(this.nextValue++, valueClass)
    block.parameters.push(parameter)
    return parameter
  }

  instruction(op: OpName, args: Value[], position: number): Instruction {
    return new Instruction(this.nextValue++, op, args, position)
  }

  /** Ids above all values, for tables by id. */
  get valueCount(): number {
    return this.nextValue
  }

  linkPredecessors(): void {
    for (const block of this.blocks) block.predecessors = []
    for (const block of this.blocks)
      for (const successor of block.successors) successor.predecessors.push(block)
  }
}

/** All values that an instruction uses: arguments, what its edges pass on, what its snapshot keeps. */
export function* usesOf(instruction: Instruction): Generator<Value> {
  yield* instruction.args
  for (const edge of instruction.targets) yield* edge.args
  if (instruction.snapshot === null) return
  for (const { payload, tag } of instruction.snapshot.slots) {
    if (payload !== null) yield payload
    if (typeof tag !== 'number') yield tag
  }
}

const CONSTANTS: ReadonlySet<OpName> = new Set(['int', 'float', 'address', 'context'])

/** Whether a value is made anew at each use instead of living in a register. */
export function isConstant(value: Value): value is Instruction {
  return value instanceof Instruction && CONSTANTS.has(value.op)
}
