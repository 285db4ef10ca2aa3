/** Values that memory holds anyway, as long as they are needed: what has no register is read from there again. */
import { SLOT_TAG } from '../../heap/layout.js'
import { Instruction, type Value } from './graph.js'
import { argumentOf } from './ops.js'
import { definition } from './patterns.js'

/** Half of a slot of the Rush frame, or of one near the context block, at this byte offset from its base. */
export interface MemoryLocation {
  kind: 'frame' | 'context'
  offset: number
  part: 'payload' | 'tag'
}

/**
 * Where a value is in memory anyway, or null.
 *
 * @param stableSlots see `Graph.stableSlots`
 */
export function homeOf(value: Value, stableSlots: ReadonlySet<number>): MemoryLocation | null {
  if (!(value instanceof Instruction)) return null
  const { op, imm, memory, args } = value
  // Nothing but parameters that stay are taken in registers, and whoever finds none free puts them there.
  if (isArgument(value)) return { kind: 'frame', offset: argumentOf(imm).offset, part: 'payload' }
  if (memory === 'fixed' && definition(args[0], 'context') !== null) {
    if (op === 'load') return { kind: 'context', offset: Number(imm), part: 'payload' }
    if (op === 'load32') return { kind: 'context', offset: Number(imm) - SLOT_TAG, part: 'tag' }
  }
  if (op !== 'frame.load' && op !== 'frame.float' && op !== 'frame.tag') return null
  const offset = Number(imm)
  return stableSlots.has(offset)
    ? { kind: 'frame', offset, part: op === 'frame.tag' ? 'tag' : 'payload' }
    : null
}

export function isArgument({ op }: Instruction): boolean {
  return op === 'argument' || op === 'argument.float'
}

/** Whether a value is another one in another place. */
export function isCopy(value: Value): value is Instruction {
  return value instanceof Instruction && (value.op === 'copy' || value.op === 'copy.float' || isReload(value))
}

/** Whether a value is another one that is in memory, and may stay there. */
export function isReload(value: Value): value is Instruction {
  return value instanceof Instruction && (value.op === 'reload' || value.op === 'reload.float')
}
