/**
 * Strength reduction (Cocke and Kennedy, An Algorithm for Reduction of Operator Strength, 1977): in a loop that counts,
 * the address of an element whose index follows the counter is not computed anew in each pass; a pointer runs along.
 * It takes the place of the pointer to the elements, so it needs no register of its own.
 */
import { SLOT_SHIFT, SLOT_SIZE, SLOT_TAG } from '../../heap/layout.js'
import { type Counted, countedLoop } from '../ir/counted-loops.js'
import {
  type Block,
  type BlockParameter,
  forEachUse,
  type Graph,
  Instruction,
  type Value,
} from '../ir/graph.js'
import { type Loop, LoopNest } from '../ir/loops.js'
import type { OpName } from '../ir/ops.js'
import { integerConstant } from '../ir/patterns.js'

/** Operations whose first argument is a pointer that `imm` is added to. */
const ACCESSES: ReadonlySet<OpName> = new Set(['load', 'load32', 'loadf', 'slot.store'])
/** Elements, from one pass or from the counter to the index: so that all offsets fit the instructions. */
const FARTHEST = 1000n
/** Bytes that a pointer can be moved by in the instruction that loads from it. */
const LONGEST_STEP = 255n

/** An address that changes with the counter. */
interface Address {
  readonly element: Instruction
  /** Index less counter. */
  readonly distance: bigint
}

export function stepPointers(graph: Graph): void {
  if (!graph.blocks.some(({ instructions }) => instructions.some(({ op }) => op === 'element'))) return
  const nest = new LoopNest(graph)
  if (nest.loops.length === 0) return
  const users = usersIn(graph)
  for (const loop of nest.loops) {
    const counted = countedLoop(loop, nest)
    if (counted !== null) new LoopPointers(graph, nest, loop, counted, users).run()
  }
}

/** By id of an address of an element: all instructions that use it, once for each use. */
type Users = readonly (readonly Instruction[] | undefined)[]

function usersIn(graph: Graph): Users {
  const users: (Instruction[] | undefined)[] = new Array(graph.valueCount)
  for (const { instructions } of graph.blocks) {
    for (const instruction of instructions) {
      if (instruction.op === 'element') users[instruction.id] = []
      forEachUse(instruction, ({ id }) => users[id]?.push(instruction))
    }
  }
  return users
}

class LoopPointers {
  constructor(
    private readonly graph: Graph,
    private readonly nest: LoopNest,
    private readonly loop: Loop,
    private readonly counted: Counted,
    private readonly users: Users,
  ) {}

  run(): void {
    const { header, blocks } = this.loop
    const latches = header.predecessors.filter((block) => blocks.has(block))
    const [latch] = latches
    if (latch === undefined || latches.length > 1 || latch.terminator.targets.length > 1) return
    const { step } = this.counted
    if (typeof step === 'bigint' && step > FARTHEST) return
    for (const [data, addresses] of this.addresses()) this.replace(data, addresses, latch)
  }

  /** The addresses in each block of elements that can all be replaced. */
  private addresses(): Map<Value, Address[]> {
    const { nest, loop } = this
    const found = new Map<Value, Address[]>()
    const count = new Map<Value, number>()
    for (const block of nest.alwaysExecuted(loop)) {
      for (const element of block.instructions) {
        if (element.op !== 'element') continue
        const [data, index] = element.args as [Value, Value]
        const distance = nest.isInvariant(data, loop) ? this.distance(index) : null
        if (distance === null || !this.isAccessedOnly(element)) continue
        const list = found.get(data)
        if (list === undefined) found.set(data, [{ element, distance }])
        else list.push({ element, distance })
      }
    }
    if (found.size === 0) return found
    for (const { instructions } of loop.blocks) {
      for (const instruction of instructions) {
        forEachUse(instruction, (value) => {
          if (found.has(value)) count.set(value, (count.get(value) ?? 0) + 1)
        })
      }
    }
    // Where the elements are must still be known otherwise.
    for (const [data, { length }] of found) if (count.get(data) !== length) found.delete(data)
    return found
  }

  /** From the counter to the index, or null. */
  private distance(index: Value): bigint | null {
    const { counter } = this.counted
    if (index === counter) return 0n
    if (!(index instanceof Instruction) || index.args[0] !== counter) return null
    const constant = integerConstant(index.args[1])
    if (constant === null || constant > FARTHEST || constant < -FARTHEST) return null
    return index.op === 'int.add' ? constant : index.op === 'int.sub' ? -constant : null
  }

  private isAccessedOnly(element: Instruction): boolean {
    // Those made here, of which no users are known, are passed to loops.
    const users = this.users[element.id]
    return (
      users?.every(({ op, args }) => ACCESSES.has(op) && args[0] === element && args[1] !== element) ?? false
    )
  }

  private replace(data: Value, addresses: readonly Address[], latch: Block): void {
    const { graph, nest, loop } = this
    const preheader = loop.preheader as Block
    const { header } = loop
    const pointer = graph.addParameter(header, 'i')
    this.edgeTo(header, preheader).push(this.before(data, preheader))
    for (const { element, distance } of addresses) {
      for (const user of this.users[element.id] ?? []) {
        user.args[0] = pointer
        user.imm += distance * BigInt(SLOT_SIZE)
      }
    }
    const elements = new Set(addresses.map(({ element }) => element))
    for (const block of loop.blocks)
      block.instructions = block.instructions.filter((instruction) => !elements.has(instruction))
    const amount = this.bytes()
    const next = this.graph.instruction(
      'int.add',
      [pointer, amount ?? this.scaledStep(preheader)],
      latch.terminator.position,
    )
    this.edgeTo(header, latch).push(next)
    if (amount === null || !this.moveEarly(pointer, next, integerConstant(amount) as bigint))
      nest.moveTo(latch, next)
  }

  private edgeTo(header: Block, from: Block): Value[] {
    return (from.terminator.targets.find(({ block }) => block === header) as { args: Value[] }).args
  }

  /** The pointer before the first pass. */
  private before(data: Value, preheader: Block): Value {
    const { start } = this.counted
    if (integerConstant(start) === 0n) return data
    const element = this.graph.instruction('element', [data, start], preheader.terminator.position)
    this.nest.moveTo(preheader, element)
    return element
  }

  /** What is added in each pass, or null if that is not constant. */
  private bytes(): Instruction | null {
    const { step, grows } = this.counted
    return typeof step === 'bigint' ? this.nest.int((grows ? step : -step) * BigInt(SLOT_SIZE)) : null
  }

  /** The same if it is the same in all passes. */
  private scaledStep(preheader: Block): Value {
    const { step, grows } = this.counted
    const size = this.nest.int(BigInt((grows ? 1 : -1) << SLOT_SHIFT))
    const scaled = this.graph.instruction('int.mul', [step as Value, size], preheader.terminator.position)
    this.nest.moveTo(preheader, scaled)
    return scaled
  }

  /**
   * Moves the pointer on just behind the first load from it, which may do both at once; what comes behind looks back.
   *
   * @returns false if there is no such place
   */
  private moveEarly(pointer: BlockParameter, next: Instruction, amount: bigint): boolean {
    if (amount > LONGEST_STEP || amount < -LONGEST_STEP) return false
    const usesIt = ({ args }: Instruction): boolean => args[0] === pointer
    const using = [...this.loop.blocks].filter(({ instructions }) => instructions.some(usesIt))
    const [block] = using
    if (block === undefined || using.length > 1) return false
    const { instructions } = block
    const first = instructions.findIndex(usesIt)
    const load = instructions[first] as Instruction
    if (load.imm !== 0n || (load.op !== 'load' && load.op !== 'loadf')) return false
    const tag = instructions[first + 1] as Instruction
    const isPair = load.op === 'load' && tag.op === 'load32' && usesIt(tag) && tag.imm === BigInt(SLOT_TAG)
    const behind = first + (isPair ? 2 : 1)
    for (const access of instructions.slice(behind)) {
      if (!usesIt(access)) continue
      access.args[0] = next
      access.imm -= amount
    }
    instructions.splice(behind, 0, next)
    return true
  }
}
