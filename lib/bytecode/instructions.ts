/**
 * Walking over the instructions of a function: successors, basic blocks, operand stack depths. All of
 * it takes code whose operands are complete and whose jumps land on instructions; `verify` checks
 * that before it uses anything from here.
 */
import { CALLS, instructionLength, jumpOperand, OPCODES, Opcode, type OpcodeInfo, popsAt } from './opcodes.js'
import type { BytecodeFunction, Handler } from './program.js'

const JUMP_OPERAND: readonly number[] = OPCODES.map((info) => jumpOperand(info.code))
const MAY_RAISE: readonly boolean[] = OPCODES.map((info) => info.throws || info.allocates)

/** Table row of the instruction at `position`. */
export function opcodeAt(code: ArrayLike<number>, position: number): OpcodeInfo {
  return OPCODES[code[position] as number] as OpcodeInfo
}

/** Where the instruction behind the one at `position` starts. */
export function nextPosition(code: ArrayLike<number>, position: number): number {
  return position + instructionLength(code[position] as number)
}

/** Where all instructions start, in order. */
export function instructionPositions(code: ArrayLike<number>): number[] {
  const positions: number[] = []
  for (let position = 0; position < code.length; position = nextPosition(code, position))
    positions.push(position)
  return positions
}

/** Whether the code goes back anywhere. */
export function hasLoop(code: ArrayLike<number>): boolean {
  for (let at = 0; at < code.length; at = nextPosition(code, at)) if (code[at] === Opcode.Loop) return true
  return false
}

export function hasCall(code: ArrayLike<number>): boolean {
  for (let at = 0; at < code.length; at = nextPosition(code, at)) if (CALLS[code[at] as number]) return true
  return false
}

/** Where the instruction at `position` may jump to, or -1. */
export function jumpTarget(code: ArrayLike<number>, position: number): number {
  const operand = JUMP_OPERAND[code[position] as number] as number
  return operand < 0 ? -1 : (code[position + 1 + operand] as number)
}

/** Whether the instruction can end in an error, running out of memory included: has an edge to its handler. */
export function mayRaise(opcode: number): boolean {
  return MAY_RAISE[opcode] as boolean
}

/** The handler that takes errors raised at `position`: the innermost, which is listed first. */
export function handlerAt(handlers: readonly Handler[], position: number): Handler | null {
  for (const handler of handlers) if (handler.start <= position && position < handler.end) return handler
  return null
}

/**
 * Basic blocks in order of the text. A block also ends where an exception range starts or ends, so
 * each has one handler.
 */
export class ControlFlow {
  /** Start positions, and the length of the code as the last entry. */
  readonly starts: Int32Array
  /** Number of the block that starts at a position, or -1. */
  readonly blockAt: Int32Array
  /** Per block, the index of the innermost handler, or -1. */
  readonly handlers: Int32Array

  private readonly code: ArrayLike<number>

  constructor(fn: Pick<BytecodeFunction, 'code' | 'handlers'>) {
    const { code, handlers } = fn
    this.code = code
    const leader = new Uint8Array(code.length + 1)
    leader[0] = 1
    leader[code.length] = 1
    for (let position = 0; position < code.length; ) {
      const target = jumpTarget(code, position)
      const ends = target >= 0 || opcodeAt(code, position).ends
      position = nextPosition(code, position)
      if (target >= 0) leader[target] = 1
      if (ends) leader[position] = 1
    }
    for (const { start, end, target } of handlers) {
      leader[start] = 1
      leader[end] = 1
      leader[target] = 1
    }
    const starts: number[] = []
    this.blockAt = new Int32Array(code.length + 1).fill(-1)
    leader.forEach((isLeader, position) => {
      if (isLeader) this.blockAt[position] = starts.push(position) - 1
    })
    this.starts = Int32Array.from(starts)
    this.handlers = new Int32Array(this.count).fill(-1)
    // From the outermost to the innermost, so that the innermost remains.
    for (let i = handlers.length - 1; i >= 0; i--) {
      const { start, end } = handlers[i] as Handler
      this.handlers.fill(i, this.blockAt[start], this.blockAt[end])
    }
  }

  get count(): number {
    return this.starts.length - 1
  }

  /** Position of the last instruction of a block. */
  lastOf(block: number): number {
    const { code, starts } = this
    const end = starts[block + 1] as number
    let last = starts[block] as number
    for (let at = last; at < end; at = nextPosition(code, at)) last = at
    return last
  }

  /** The blocks that a block leads to but for handlers: where it jumps first. None: the function ends there. */
  successorsOf(block: number): number[] {
    const { code, starts, blockAt } = this
    const last = this.lastOf(block)
    const successors: number[] = []
    const target = jumpTarget(code, last)
    if (target >= 0) successors.push(blockAt[target] as number)
    if (!opcodeAt(code, last).ends && (starts[block + 1] as number) < code.length) successors.push(block + 1)
    return successors
  }

  /** The block that `position` lies in. */
  blockOf(position: number): number {
    let block = position
    while (this.blockAt[block] === -1) block--
    return this.blockAt[block] as number
  }
}

/** Operand stack depth before each instruction of verified code; -1 elsewhere. */
export function operandDepths(fn: Pick<BytecodeFunction, 'code' | 'handlers'>): Int32Array {
  const { code, handlers } = fn
  const depths = new Int32Array(code.length).fill(-1)
  const work: number[] = []
  const arrive = (position: number, depth: number): void => {
    if (depths[position] !== -1) return
    depths[position] = depth
    work.push(position)
  }
  for (const handler of handlers) arrive(handler.target, handler.depth + 1)
  arrive(0, 0)
  for (let start = work.pop(); start !== undefined; start = work.pop()) {
    for (let position = start; ; ) {
      const info = opcodeAt(code, position)
      const after = (depths[position] as number) + info.pushes - popsAt(code, position)
      const target = jumpTarget(code, position)
      if (target >= 0) arrive(target, after)
      position = nextPosition(code, position)
      if (info.ends || depths[position] !== -1) break
      depths[position] = after
    }
  }
  return depths
}
