/** The IR of one function: blocks of instructions, snapshots, and helpers to make them. */
import type { ExitReason } from '../reasons.js'
import { type OpInfo, type OpName, opInfo, type ValueClass } from './ops.js'

/** What an SSA value is: an instruction with a result, or a block parameter. */
export class Value {
  constructor(
    /** Dense in the graph: passes keep what they know of values in arrays by id. */
    readonly id: number,
    readonly valueClass: ValueClass,
    /** See `isConstant`. */
    readonly isConstant = false,
  ) {}
}

export class BlockParameter extends Value {}

/** One slot that an exit or fallback writes back: what memory does not hold yet. */
export interface SnapshotSlot {
  /** In bytes: from the frame base; of a file-level variable from the context block. */
  offset: number
  /** Null if only the tag matters (null, "no value yet"). */
  payload: Value | null
  /** A constant tag, or the value that holds it. */
  tag: number | Value
}

/** A class, so that V8 has one shape of all: nearly every pass looks into them. */
export class Snapshot {
  constructor(
    /** Where the VM goes on (exits) or what it executes (fallbacks). */
    readonly position: number,
    readonly slots: SnapshotSlot[],
    /** File-level variables whose stores are kept back (see `build/variables.ts`). */
    readonly variables: SnapshotSlot[],
    readonly reason: ExitReason | null,
    /** The exit is one of inlined code; the position is that of the call. */
    readonly inlined = false,
  ) {}
}

export class Instruction extends Value {
  imm = 0n
  symbol: string | null = null
  /** Loads and stores: what part of memory. */
  memory: MemoryClass = 'any'
  snapshot: Snapshot | null = null
  targets: Edge[] = []
  /** The row of `op`. */
  readonly info: OpInfo

  constructor(
    id: number,
    readonly op: OpName,
    public args: Value[],
    /** Bytecode position it was made for. */
    readonly position: number,
  ) {
    const info = opInfo(op)
    super(id, info.result ?? 'i', info.constant)
    this.info = info
  }

  get hasResult(): boolean {
    return this.info.result !== null
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
  /** How often the VM went this way when it was counted. */
  count?: number
}

export class Block {
  parameters: BlockParameter[] = []
  instructions: Instruction[] = []
  /** Loop headers with one way in from outside: what leaving there means, in terms of values before the loop. */
  entrySnapshot: Snapshot | null = null
  /** Loop headers: guards for all passes at once have failed here too often. */
  checksEach = false
  /** Loop headers: the loop makes at most so many passes; Infinity: nobody knows. */
  mostPasses = Number.POSITIVE_INFINITY
  /** Filled by `linkPredecessors`. */
  predecessors: Block[] = []

  constructor(
    /** Unique in the graph. */
    readonly id: number,
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
  /** The first is the entry. Every block comes after its dominators: in the order of the text, or one like it. */
  blocks: Block[] = []
  /** The same blocks, the entry first, as they are emitted; null: in that order. */
  layout: readonly Block[] | null = null
  /** Byte offsets of the frame's slots that nothing changes while the function runs: what they hold can be read again. */
  stableSlots: ReadonlySet<number> = new Set()
  /**
   * The `argument`s of the function: calls that know it pass them as operands, in this order, and the frame in memory
   * lacks them. Other callers have them in the frame, with whatever tags.
   */
  entryArguments: Instruction[] = []
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

  /** The same of blocks. */
  get blockCount(): number {
    return this.nextBlock
  }

  linkPredecessors(): void {
    for (const block of this.blocks) block.predecessors = []
    for (const block of this.blocks)
      for (const { block: successor } of block.terminator.targets) successor.predecessors.push(block)
  }
}

/** Visits the arguments of an instruction and what its snapshot keeps. */
export function forEachOperand({ args, snapshot }: Instruction, visit: (value: Value) => void): void {
  for (let i = 0; i < args.length; i++) visit(args[i] as Value)
  if (snapshot === null) return
  forEachPart(snapshot.slots, visit)
  forEachPart(snapshot.variables, visit)
}

function forEachPart(slots: readonly SnapshotSlot[], visit: (value: Value) => void): void {
  for (let i = 0; i < slots.length; i++) {
    const { payload, tag } = slots[i] as SnapshotSlot
    if (payload !== null) visit(payload)
    if (typeof tag !== 'number') visit(tag)
  }
}

/** Visits all values that an instruction uses: its operands, and what its edges pass on. */
export function forEachUse(instruction: Instruction, visit: (value: Value) => void): void {
  forEachOperand(instruction, visit)
  const { targets } = instruction
  for (let i = 0; i < targets.length; i++) for (const arg of (targets[i] as Edge).args) visit(arg)
}

/** Whether a value is made anew at each use instead of living in a register. */
export function isConstant(value: Value): value is Instruction {
  return value.isConstant
}
