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

/** What may be different in memory behind the instruction: 'all' but the fixed parts, one class, or nothing. */
export function clobbers(instruction: Instruction): MemoryClass | 'all' | null {
  if (!instruction.info.effect) return null
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

/** What may be different in memory after some of these blocks. */
export function clobberedIn(blocks: Iterable<Block>): Set<MemoryClass | 'all'> {
  const changed = new Set<MemoryClass | 'all'>()
  for (const { instructions } of blocks) {
    for (const instruction of instructions) {
      const part = clobbers(instruction)
      if (part !== null) changed.add(part)
    }
  }
  return changed
}
