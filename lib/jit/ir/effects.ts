/** What IR operations do to memory, and which of them depend on nothing but their arguments. */
import type { Block, Instruction, MemoryClass } from './graph.js'

export function isLoad({ info }: Instruction): boolean {
  return info.kind === 'load'
}

export function isStore({ info }: Instruction): boolean {
  return info.kind === 'store'
}

export function takesMemory({ info }: Instruction): boolean {
  return info.takesMemory
}

export function isGuard({ info }: Instruction): boolean {
  return info.kind === 'guard'
}

/** The result depends on the arguments alone, and nothing else happens. */
export function isPure({ info, memory }: Instruction): boolean {
  return info.kind === 'pure' || (info.kind === 'load' && memory === 'fixed')
}

/** A block that is shared is copied: the elements are somewhere else then, but what they were. */
const OWNS: readonly MemoryClass[] = ['data']
const NOTHING: readonly MemoryClass[] = []

/** What may be different in memory behind the instruction: classes, or 'all' but the fixed parts. */
export function clobbers(instruction: Instruction): readonly MemoryClass[] | 'all' {
  if (!instruction.info.effect) return NOTHING
  switch (instruction.op) {
    case 'step':
    case 'call':
      return 'all'
    case 'array.own':
    case 'array.unshare':
      return OWNS
    case 'hash.store':
      return ['hash']
    case 'slot.store':
    case 'store':
    case 'store32':
    case 'storef':
      return [instruction.memory]
    default:
      return NOTHING
  }
}

/** What may be different in memory after some of these blocks. */
export function clobberedIn(blocks: Iterable<Block>): Set<MemoryClass | 'all'> {
  const changed = new Set<MemoryClass | 'all'>()
  for (const { instructions } of blocks) {
    for (const instruction of instructions) {
      const parts = clobbers(instruction)
      if (parts === 'all') changed.add(parts)
      else for (const part of parts) changed.add(part)
    }
  }
  return changed
}
