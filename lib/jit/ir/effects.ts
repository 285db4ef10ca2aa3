/** What IR operations do to memory, and which of them depend on nothing but their arguments. */
import type { Block, Instruction, MemoryClass, SnapshotSlot } from './graph.js'
import { byCode, type OpName } from './ops.js'
import { definition } from './patterns.js'

export function isLoad({ info }: Instruction): boolean {
  return info.kind === 'load'
}

export function isStore({ info }: Instruction): boolean {
  return info.kind === 'store'
}

/** The object that is made in this code and that a store goes into, or null. */
export function newObjectOf(instruction: Instruction): Instruction | null {
  return isStore(instruction) ? definition(instruction.args[0], 'alloc') : null
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

/** What operations may change in memory: one class, 'all' but the fixed parts, or the class that the instruction names. */
const CLOBBERS: { readonly [K in OpName]?: MemoryClass | 'all' | 'its own' } = {
  step: 'all',
  call: 'all',
  // A block that is shared is copied: the elements are somewhere else then, but what they were.
  'array.own': 'data',
  'array.unshare': 'data',
  'hash.store': 'hash',
  'slot.store': 'its own',
  store: 'its own',
  store32: 'its own',
  storef: 'its own',
}
const BY_CODE = byCode(CLOBBERS)

/** What may be different in memory behind the instruction: a class, 'all' but the fixed parts, or nothing. */
export function clobbers({ info, memory }: Instruction): MemoryClass | 'all' | null {
  const changed = BY_CODE[info.code] ?? null
  return changed === 'its own' ? memory : changed
}

/**
 * The file-level variables that are no longer kept back from memory if the VM has executed this instruction, as it may
 * have, and native code goes on behind it.
 */
export function writtenBack({ info, snapshot }: Instruction): readonly SnapshotSlot[] {
  return snapshot === null || info.kind === 'guard' || info.terminator ? [] : snapshot.variables
}

/** What may be different in memory after some of these blocks. */
export function clobberedIn(blocks: Iterable<Block>): Set<MemoryClass | 'all'> {
  const changed = new Set<MemoryClass | 'all'>()
  for (const { instructions } of blocks) {
    for (const instruction of instructions) {
      const part = clobbers(instruction)
      if (part !== null) changed.add(part)
      if (writtenBack(instruction).length > 0) changed.add('globals')
    }
  }
  return changed
}
