/**
 * Global value numbering over the dominator tree: an instruction that computes what a dominating one has computed
 * is replaced by it, a guard that a dominating one has passed is removed, and loads find what was loaded or stored
 * before, as long as nothing in between may have changed it. Simple identities are folded on the way.
 */

import { dominators, loopsOf } from '../ir/dominators.js'
import { clobbers, isGuard, isLoad, isPure, isStore } from '../ir/effects.js'
import type { Block, Graph, Instruction, MemoryClass, Value } from '../ir/graph.js'
import { replaceValues } from '../ir/replace.js'
import { foldInstruction } from './fold.js'

/** What memory is known to hold: by place (`op pointer offset`), with the class of memory. */
type Memory = Map<string, { value: Value; memory: MemoryClass }>

interface Scope {
  /** Results of pure instructions and passed guards, by what they compute. */
  known: Map<string, Value>
  memory: Memory
}

export function numberValues(graph: Graph): void {
  new Numbering(graph).run()
}

class Numbering {
  private readonly replaced = new Map<Value, Value>()
  private readonly ends = new Map<Block, Scope>()

  constructor(private readonly graph: Graph) {}

  run(): void {
    const { graph } = this
    graph.linkPredecessors()
    const idom = dominators(graph)
    const loops = loopsOf(graph, idom)
    for (const block of graph.blocks) {
      const parent = idom.get(block) ?? null
      const known = new Map(parent === null ? [] : this.scopeOf(parent).known)
      const scope = { known, memory: this.memoryAt(block, loops.get(block) ?? null) }
      this.ends.set(block, scope)
      this.numberBlock(block, scope)
    }
    replaceValues(graph, (value) => this.find(value))
  }

  private scopeOf(block: Block): Scope {
    return this.ends.get(block) as Scope
  }

  private find(value: Value): Value {
    let found = value
    for (let next = this.replaced.get(found); next !== undefined; next = this.replaced.get(found))
      found = next
    return found
  }

  /** What all ways into a block agree on; a loop keeps what nothing in it changes. */
  private memoryAt(block: Block, loop: ReadonlySet<Block> | null): Memory {
    const forward = block.predecessors.filter(
      (predecessor) => this.ends.has(predecessor) && !loop?.has(predecessor),
    )
    const [first, ...others] = forward.map((predecessor) => this.scopeOf(predecessor).memory)
    const memory: Memory = new Map()
    if (first === undefined || (loop === null && forward.length < block.predecessors.length)) return memory
    const changed = loop === null ? new Set() : clobberedIn(loop)
    for (const [place, entry] of first) {
      if (changed.has('all') || changed.has(entry.memory)) continue
      if (others.every((other) => other.get(place)?.value === entry.value)) memory.set(place, entry)
    }
    return memory
  }

  private numberBlock(block: Block, scope: Scope): void {
    const kept: Instruction[] = []
    for (const instruction of block.instructions) {
      instruction.args = instruction.args.map((arg) => this.find(arg))
      if (!this.isRedundant(instruction, scope)) kept.push(instruction)
    }
    block.instructions.splice(0, block.instructions.length, ...kept)
  }

  private isRedundant(instruction: Instruction, { known, memory }: Scope): boolean {
    const folded = foldInstruction(instruction)
    if (folded === 'passes') return true
    if (folded !== null) {
      this.replaced.set(instruction, folded)
      return true
    }
    if (isPure(instruction) || isGuard(instruction)) {
      const key = keyOf(instruction)
      const before = known.get(key)
      if (before === undefined) {
        known.set(key, instruction)
        return false
      }
      if (!isGuard(instruction)) this.replaced.set(instruction, before)
      return true
    }
    if (isLoad(instruction)) {
      const place = placeOf(instruction)
      const before = memory.get(place)
      if (before !== undefined && before.value.valueClass === instruction.valueClass) {
        this.replaced.set(instruction, before.value)
        return true
      }
      memory.set(place, { value: instruction, memory: instruction.memory })
      return false
    }
    this.note(instruction, memory)
    return false
  }

  private note(instruction: Instruction, memory: Memory): void {
    const changed = clobbers(instruction)
    if (changed === null) return
    if (changed === 'all') return memory.clear()
    if (!isStore(instruction)) {
      for (const [place, entry] of memory) if (entry.memory === changed) memory.delete(place)
      return
    }
    const [pointer, value] = instruction.args as [Value, Value]
    for (const [place, entry] of memory) {
      if (entry.memory === changed && mayAlias(place, instruction)) memory.delete(place)
    }
    if (instruction.op === 'store32') return
    const at = `${pointer.id}+${instruction.imm}`
    const entry = { value, memory: instruction.memory }
    if (instruction.op === 'storef') memory.set(`loadf ${at}`, entry)
    else {
      memory.set(`load ${at}`, entry)
      // Tags are stored as words and loaded as halves; their upper halves are 0.
      memory.set(`load32 ${at}`, entry)
    }
  }
}

function placeOf({ op, args, imm }: Instruction): string {
  return `${op} ${args[0]?.id}+${imm}`
}

/**
 * Whether a store may change a place of its class: another offset in an object is another field, and two known
 * addresses are two variables.
 */
function mayAlias(place: string, { memory, args, imm }: Instruction): boolean {
  const split = place.lastIndexOf('+')
  const offset = BigInt(place.slice(split + 1))
  if (memory === 'fields' || memory === 'cells') return offset === imm
  if (memory === 'globals') {
    return offset === imm && place.slice(place.indexOf(' ') + 1, split) === String((args[0] as Value).id)
  }
  return true
}

function keyOf({ op, args, imm, symbol }: Instruction): string {
  return `${op} ${args.map(({ id }) => id).join(' ')} ${imm} ${symbol ?? ''}`
}

function clobberedIn(loop: ReadonlySet<Block>): Set<MemoryClass | 'all'> {
  const changed = new Set<MemoryClass | 'all'>()
  for (const { instructions } of loop) {
    for (const instruction of instructions) {
      const part = clobbers(instruction)
      if (part !== null) changed.add(part)
    }
  }
  return changed
}
