/** The machine code of operations on strings and hashes: what is short in line, the rest by routines. */
import { Label } from '../../asm/buffer.js'
import { StringLayout, Tag } from '../../heap/layout.js'
import type { Edge, Instruction, Value } from '../ir/graph.js'
import { isInterned } from '../ir/interned.js'
import type { OpName } from '../ir/ops.js'
import { type RoutineName, routineSymbol } from '../routines/routines.js'
import type { FunctionEmitter } from './emit-function.js'
import type { Emit } from './emit-instruction.js'

/** Calls a routine with the values in x, y, z; the result is in x, the first scratch register, which is given. */
function call(e: FunctionEmitter, name: RoutineName, ...values: readonly (Value | null)[]): number {
  const { scratch } = e.m.roles
  values.forEach((value, i) => {
    if (value !== null) e.loadInto(scratch[i] as number, value)
  })
  e.m.callSymbol(routineSymbol(name))
  e.keepOnly(scratch[0] as number)
  return scratch[0] as number
}

/** A routine whose result is what the operation gives; 0 means that the VM has to do it. */
function orFallback(name: RoutineName): Emit {
  return (e, instruction) => {
    const [slow, resume] = [new Label(), new Label()]
    finish(e, instruction, call(e, name, ...instruction.args), slow, resume)
  }
}

function finish(
  e: FunctionEmitter,
  instruction: Instruction,
  result: number,
  slow: Label,
  resume: Label,
): void {
  e.m.compareConstant(result, 0)
  e.m.branch('eq', slow)
  e.place(instruction, result)
  e.m.bind(resume)
  e.fallback(instruction, slow, resume, Number(instruction.imm))
}

/** A STRING and an INTEGER in either order: the number's digits come first, into the register of their place. */
function concatenation(number: 0 | 1): Emit {
  return (e, instruction) => {
    const { m } = e
    const [left, right] = instruction.args as [Value, Value]
    const [x, y] = m.roles.scratch as [number, number]
    const [slow, resume] = [new Label(), new Label()]
    call(e, 'decimalOf', number === 0 ? left : right)
    m.compareConstant(x, 0)
    m.branch('eq', slow)
    if (number === 0) finish(e, instruction, call(e, 'concatenate', null, right), slow, resume)
    else {
      m.move(y, x)
      finish(e, instruction, call(e, 'concatenate', left, null), slow, resume)
    }
  }
}

/** Whether two STRINGs have the same text: usually the objects tell, or that one is not the interned other. */
const emitEqual: Emit = (e, instruction, next) => {
  const { m } = e
  const [left, right] = instruction.args as [Value, Value]
  const isBranch = next !== null && e.isFused(instruction, next)
  const [slow, done] = [new Label(), new Label()]
  // `imm` says which of the results equal texts have.
  const equal = instruction.imm
  let [yes, no] = [new Label(), new Label()]
  if (isBranch) {
    const [whenTrue, whenFalse] = next.targets as [Edge, Edge]
    yes = e.edgeLabel(equal === 1n ? whenTrue : whenFalse)
    no = e.edgeLabel(equal === 1n ? whenFalse : whenTrue)
  }
  const a = e.use(left)
  const b = e.use(right)
  m.compare(a, b)
  m.branch('eq', yes)
  // One of the two is a constant, and so interned: no other interned string has its text.
  const other = isInterned(left) ? b : isInterned(right) ? a : null
  if (other !== null) {
    m.compareMemory32Constant(other, StringLayout.INTERNED, 0)
    m.branch('eq', slow)
    m.jump(no)
  } else m.jump(slow)
  e.later(() => {
    m.bind(slow)
    const result = call(e, 'equalTexts', left, right)
    m.compareConstant(result, 0)
    m.branch('ne', yes)
    m.jump(no)
  })
  if (isBranch) return e.fuse(next)
  for (const [label, value] of [
    [yes, equal],
    [no, 1n - equal],
  ] as const) {
    m.bind(label)
    e.freeScratch()
    e.result(instruction, (d) => m.constant(d, value))
    if (label === yes) m.jump(done)
  }
  m.bind(done)
}

/** hash, key, tag[, payload]: the value goes into the slot that a routine finds or makes. */
const emitHashStore: Emit = (e, instruction) => {
  const { m } = e
  const [hash, key, tag, payload] = instruction.args as [Value, Value, Value, Value | undefined]
  const [slow, resume] = [new Label(), new Label()]
  const name = Number(instruction.imm) === Tag.STRING ? 'placeString' : 'placeInteger'
  const slot = call(e, name, hash, key)
  m.compareConstant(slot, 0)
  m.branch('eq', slow)
  e.putSlot(slot, 0, payload ?? null, tag)
  m.bind(resume)
  e.fallback(instruction, slow, resume)
}

export const EMIT_TEXTS = {
  'string.equal': emitEqual,
  'string.order': (e, i) => e.place(i, call(e, 'orderTexts', ...i.args)),
  'string.at': orFallback('characterAt'),
  'string.add': orFallback('concatenate'),
  'string.addinteger': concatenation(1),
  'integer.addstring': concatenation(0),
  'string.part': orFallback('substring'),
  'hash.find': (e, i) =>
    e.place(i, call(e, Number(i.imm) === Tag.STRING ? 'findString' : 'findInteger', ...i.args)),
  'hash.store': emitHashStore,
} as const satisfies Partial<Record<OpName, Emit>>
