/**
 * Changes to bytecode that know what instructions are, so that many of the results pass the verifier: what is
 * then run is stranger than anything that the compiler makes.
 */
import { instructionPositions, jumpTarget } from '../../../lib/bytecode/instructions.js'
import {
  instructionLength,
  jumpOperand,
  OPCODES,
  Op,
  type OpcodeInfo,
  type OperandKind,
} from '../../../lib/bytecode/opcodes.js'
import type { BytecodeFunction, BytecodeProgram } from '../../../lib/bytecode/program.js'
import { TABLES } from '../../../lib/bytecode/verify.js'
import type { Random } from '../random.js'

/** An instruction whose jump is to another instruction, not to a position. */
interface Item {
  words: number[]
  target: Item | null
}

/** The places of a function that move when its code does. */
interface Labels {
  lines: { at: Item; line: number; column: number }[]
  handlers: { start: Item; end: Item; target: Item; depth: number }[]
}

const END: Item = { words: [], target: null }

function disassemble(fn: BytecodeFunction): { items: Item[]; labels: Labels } {
  const positions = instructionPositions(fn.code)
  const itemAt = new Map(
    positions.map((position) => {
      const words = fn.code.slice(position, position + instructionLength(fn.code[position] as number))
      return [position, { words, target: null } as Item]
    }),
  )
  const at = (position: number): Item => itemAt.get(position) ?? END
  for (const [position, item] of itemAt) {
    const target = jumpTarget(fn.code, position)
    if (target >= 0) item.target = at(target)
  }
  const lines = []
  for (let i = 0; i + 2 < fn.lines.length; i += 3) {
    const [position, line, column] = fn.lines.slice(i, i + 3) as [number, number, number]
    lines.push({ at: at(position), line, column })
  }
  const handlers = fn.handlers.map(({ start, end, target, depth }) => ({
    start: at(start),
    end: at(end),
    target: at(target),
    depth,
  }))
  return { items: [...itemAt.values()], labels: { lines, handlers } }
}

function assemble(fn: BytecodeFunction, items: readonly Item[], { lines, handlers }: Labels): void {
  const positions = new Map<Item, number>()
  let end = 0
  for (const item of items) {
    if (!positions.has(item)) positions.set(item, end)
    end += item.words.length
  }
  const of = (item: Item): number => positions.get(item) ?? end
  fn.code = items.flatMap((item) => {
    const operand = jumpOperand(item.words[0] as number)
    return item.target === null || operand < 0 ? item.words : item.words.with(operand + 1, of(item.target))
  })
  const placed = lines.map(({ at, line, column }) => ({ position: of(at), line, column }))
  const seen = new Set<number>([end])
  fn.lines = placed
    .filter(({ position }) => !seen.has(position) && seen.add(position))
    .sort((a, b) => a.position - b.position)
    .flatMap(({ position, line, column }) => [position, line, column])
  fn.handlers = handlers.map(({ start, end, target, depth }) => ({
    start: of(start),
    end: of(end),
    target: of(target),
    depth,
  }))
}

/** How many there are of what an operand numbers; of other operands, a few. */
function sizeOf(kind: OperandKind, program: BytecodeProgram, fn: BytecodeFunction): number {
  return TABLES[kind]?.size({ program, fn }) ?? 4
}

function operandFor(
  kind: OperandKind,
  program: BytecodeProgram,
  fn: BytecodeFunction,
  random: Random,
): number {
  if (kind === 'integer') return random.pick([0, 1, -1, 2, 100, 2 ** 31 - 1, -(2 ** 31)])
  if (kind === 'name') {
    const names = program.constants.flatMap(({ type }, index) => (type === 'string' ? [index] : []))
    if (names.length > 0) return random.pick(names)
  }
  return random.below(Math.max(1, sizeOf(kind, program, fn)))
}

function makeItem(info: OpcodeInfo, program: BytecodeProgram, fn: BytecodeFunction, random: Random): Item {
  return {
    words: [info.code, ...info.operands.map(({ kind }) => operandFor(kind, program, fn, random))],
    target: null,
  }
}

const hasCount = (info: OpcodeInfo): boolean => info.operands.some(({ kind }) => kind === 'count')
const isJump = (info: OpcodeInfo): boolean => info.operands.some(({ kind }) => kind === 'jump')

/** Instructions that do the same to the depth of the operand stack, by that. */
function kin(info: OpcodeInfo): OpcodeInfo[] {
  return OPCODES.filter(
    (other) =>
      other.pops === info.pops &&
      other.pushes === info.pushes &&
      other.ends === info.ends &&
      hasCount(other) === hasCount(info) &&
      isJump(other) === isJump(info),
  )
}

const PUSHING = OPCODES.filter(
  ({ pops, pushes, operands }) => pops === 0 && pushes === 1 && !operands.some(({ kind }) => kind === 'jump'),
)
const UNARY = OPCODES.filter((info) => info.pops === 1 && info.pushes === 1 && !hasCount(info))
const BINARY = OPCODES.filter((info) => info.pops === 2 && info.pushes === 1 && !hasCount(info))
const TAKING = OPCODES.filter((info) => info.pops === 1 && info.pushes === 0 && !info.ends && !isJump(info))

type Change = (
  items: Item[],
  labels: Labels,
  program: BytecodeProgram,
  fn: BytecodeFunction,
  random: Random,
) => void

const infoOf = (item: Item): OpcodeInfo => OPCODES[item.words[0] as number] as OpcodeInfo

const otherInstruction: Change = (items, _, program, fn, random) => {
  const index = random.below(items.length)
  const item = items[index] as Item
  const info = infoOf(item)
  const other = random.pick(kin(info))
  const made = makeItem(other, program, fn, random)
  // Counts stay, so that the depth does.
  const from = info.operands.findIndex(({ kind }) => kind === 'count')
  const to = other.operands.findIndex(({ kind }) => kind === 'count')
  if (from >= 0 && to >= 0) made.words[to + 1] = item.words[from + 1] as number
  // In place: labels lead here.
  item.words = made.words
}

const otherOperand: Change = (items, _, program, fn, random) => {
  const item = random.pick(items)
  const { operands } = infoOf(item)
  if (operands.length === 0) return
  const index = random.below(operands.length)
  const kind = operands[index]?.kind as OperandKind
  if (kind === 'jump') item.target = random.pick(items)
  else item.words[index + 1] = operandFor(kind, program, fn, random)
}

/** Something that leaves the depth as it was. */
const insert: Change = (items, _, program, fn, random) => {
  const index = random.below(items.length)
  const make = (list: readonly OpcodeInfo[]): Item => makeItem(random.pick(list), program, fn, random)
  const pop: Item = { words: [Op.Pop], target: null }
  const choices: (() => Item[])[] = [
    () => [make(PUSHING), random.chance(0.5) ? pop : make(TAKING)],
    () => [make(UNARY)],
    () => [make(PUSHING), make(UNARY), random.chance(0.5) ? pop : make(TAKING)],
    () => [make(PUSHING), make(PUSHING), make(BINARY), random.chance(0.5) ? pop : make(TAKING)],
    () => [make(PUSHING), make(BINARY)],
    () => [{ words: [Op.Dup], target: null }, make(TAKING)],
    () => [{ words: [Op.ClearLocal, random.below(Math.max(1, fn.locals))], target: null }],
    () => [make(PUSHING), { words: [Op.JumpIfTrue, 0], target: random.pick(items) }],
    () => [
      { words: [Op.Null], target: null },
      { words: [Op.JumpIfTrue, 0], target: END },
      { words: [Op.Loop, 0], target: random.pick(items) },
    ],
  ]
  items.splice(index, 0, ...random.pick(choices)())
}

const remove: Change = (items, _, __, ___, random) => {
  if (items.length > 1) items.splice(random.below(items.length), 1 + random.below(2))
}

const swap: Change = (items, _, __, ___, random) => {
  const [a, b] = [random.below(items.length), random.below(items.length)]
  const item = items[a] as Item
  items[a] = items[b] as Item
  items[b] = item
}

const copyPiece: Change = (items, _, program, __, random) => {
  const { items: others } = disassemble(random.pick(program.functions))
  const from = random.below(others.length)
  items.splice(random.below(items.length), 0, ...others.slice(from, from + 1 + random.below(6)))
}

const frame: Change = (_, __, ___, fn, random) => {
  const change = random.pick([-1, 1, 2, 10, 500])
  if (random.chance(0.5)) fn.locals += change
  else fn.maxStack += change
  if (random.chance(0.1)) fn.method = !fn.method
  if (random.chance(0.1)) fn.parameters.push('more')
}

const handlerRange: Change = (items, labels, _, fn, random) => {
  const [a, b, c] = [random.below(items.length), random.below(items.length), random.below(items.length)].sort(
    (x, y) => x - y,
  ) as [number, number, number]
  const handler = {
    start: items[a] as Item,
    end: items[b] as Item,
    target: items[c] as Item,
    depth: random.below(3),
  }
  const index = random.below(labels.handlers.length + 1)
  labels.handlers.splice(index, random.below(2), handler)
  fn.maxStack += random.below(2)
}

const captures: Change = (_, __, program, fn, random) => {
  const from = random.pick(['local', 'upvalue'] as const)
  fn.captures.splice(random.below(fn.captures.length + 1), random.below(2), { from, index: random.below(4) })
  const other = random.pick(program.functions)
  if (random.chance(0.3)) fn.captures = structuredClone(other.captures)
}

const CHANGES: readonly Change[] = [
  ...[otherInstruction, otherInstruction, otherInstruction, otherOperand, otherOperand, otherOperand],
  ...[insert, insert, insert, remove, swap, copyPiece, frame, handlerRange, captures],
]

/** A copy of the program with one to four things changed in its code. */
export function distortCode(program: BytecodeProgram, random: Random): BytecodeProgram {
  const copy = structuredClone(program)
  for (let count = 1 + random.below(4); count > 0; count--) {
    const fn = random.pick(copy.functions)
    const { items, labels } = disassemble(fn)
    if (items.length === 0) continue
    random.pick(CHANGES)(items, labels, copy, fn, random)
    assemble(fn, items, labels)
    // Room for what was put in; too much of it is found by others.
    if (random.chance(0.7)) fn.maxStack = Math.min(1000, Math.max(1, fn.maxStack + 2))
  }
  return copy
}
