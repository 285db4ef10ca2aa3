/** What IR operations do to memory, and which of them depend on nothing but their arguments. */
import type { Instruction, MemoryClass } from './graph.js'
import { type OpName, opInfo } from './ops.js'

const LOADS: ReadonlySet<OpName> = new Set(['load', 'load32', 'load8', 'loadf'])
const STORES: ReadonlySet<OpName> = new Set(['store', 'store32', 'storef'])
/** Others whose result depends on what memory holds. */
const READS: ReadonlySet<OpName> = new Set(['hash.find', 'call.tag'])
/** What takes memory off the heap natively, or runs code that may. */
const TAKES_MEMORY: ReadonlySet<OpName> = new Set([
  'call',
  'alloc',
  'array.push',
  'string.at',
  'string.add',
  'string.addinteger',
  'integer.addstring',
  'integer.text',
  'string.part',
])
const FRAME: ReadonlySet<OpName> = new Set(['frame.load', 'frame.tag', 'frame.float'])

export function isLoad({ op }: Instruction): boolean {
  return LOADS.has(op)
}

export function isStore({ op }: Instruction): boolean {
  return STORES.has(op)
}

export function takesMemory({ op }: Instruction): boolean {
  return TAKES_MEMORY.has(op)
}

export function isGuard({ op }: Instruction): boolean {
  return op.startsWith('guard.')
}

/** The result depends on the arguments alone, and nothing else happens. */
export function isPure(instruction: Instruction): boolean {
  const info = opInfo(instruction.op)
  if (info.effect || info.result === null || FRAME.has(instruction.op) || READS.has(instruction.op))
    return false
  return !isLoad(instruction) || instruction.memory === 'fixed'
}

/** What may be different in memory behind the instruction: 'all' but the fixed parts, one class, or nothing. */
export function clobbers(instruction: Instruction): MemoryClass | 'all' | null {
  switch (instruction.op) {
    case 'step':
    case 'call':
      return 'all'
    case 'array.store':
      // The elements, and where they are: a shared block is copied.
      return 'all'
    case 'hash.store':
      return 'hash'
    case 'store':
    case 'store32':
    case 'storef':
      return instruction.memory
    default:
      return null
  }
}
