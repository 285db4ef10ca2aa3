/** The machine code of operations on strings and hashes: what is short in line, the rest by routines. */
import { Label } from '../../asm/buffer.js'
import { Context, StringLayout, Tag, Word } from '../../heap/layout.js'
import type { Edge, Instruction, Value } from '../ir/graph.js'
import { isInterned } from '../ir/interned.js'
import { type OpName, wordOf } from '../ir/ops.js'
import { type Condition, INVERSE } from '../machine/machine.js'
import { type RoutineName, routineSymbol } from '../routines/routines.js'
import { callRoutine } from './call-routine.js'
import { type FunctionEmitter, resultFromFrame } from './emit-function.js'
import type { Emit } from './emit-instruction.js'

/** A routine whose result is what the operation gives; 0 means that the VM has to do it. */
function orFallback(name: RoutineName): Emit {
  return (e, instruction) => {
    const [slow, resume] = [new Label(), new Label()]
    finish(e, instruction, callRoutine(e, name, ...instruction.args), slow, resume)
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
  e.fallback(instruction, slow, resume, resultFromFrame(e, instruction))
}

/** A STRING and an INTEGER in either order: the number's digits come first, into the register of their place. */
function concatenation(number: 0 | 1): Emit {
  return (e, instruction) => {
    const { m } = e
    const [left, right] = instruction.args as [Value, Value]
    const [x, y] = m.roles.scratch as [number, number]
    const [slow, resume] = [new Label(), new Label()]
    callRoutine(e, 'decimalOf', number === 0 ? left : right)
    m.compareConstant(x, 0)
    m.branch('eq', slow)
    if (number === 0) finish(e, instruction, callRoutine(e, 'concatenate', null, right), slow, resume)
    else {
      m.move(y, x)
      finish(e, instruction, callRoutine(e, 'concatenate', left, null), slow, resume)
    }
  }
}

/** Where an operation goes that decides something. */
interface Ways {
  readonly yes: Label
  readonly no: Label
  /** The one of the two that comes behind what is emitted: no jump is needed there. */
  readonly next: Label | null
}

/**
 * An operation that decides something: `decide` goes to `yes` or `no`, or to `slow`, where `ask` does the same out of
 * line. `imm` says what `yes` gives.
 */
function decision(
  decide: (e: FunctionEmitter, instruction: Instruction, ways: Ways, slow: Label) => void,
  ask: (e: FunctionEmitter, instruction: Instruction, ways: Ways) => void,
): Emit {
  return (e, instruction, next, nextBlock) => {
    const { m } = e
    const isBranch = next !== null && e.isFused(instruction, next)
    const result = instruction.imm & 1n
    const [whenTrue, whenFalse] = isBranch ? (next.targets as [Edge, Edge]) : []
    const [atYes, atNo] = result === 1n ? [whenTrue, whenFalse] : [whenFalse, whenTrue]
    // A branch goes on to the next block; a value is made of `yes` first.
    const goesOn = isBranch ? [atYes, atNo].find((edge) => edge?.block === nextBlock) : atYes
    const label = (edge: Edge | undefined): Label =>
      edge === undefined || edge === goesOn ? new Label() : e.edgeLabel(edge)
    const [yes, no] = [label(atYes), label(atNo)]
    const behind = isBranch && goesOn === undefined ? null : goesOn === atYes ? yes : no
    const slow = new Label()
    decide(e, instruction, { yes, no, next: behind }, slow)
    e.later(() => {
      m.bind(slow)
      ask(e, instruction, { yes, no, next: null })
    })
    if (behind !== null) m.bind(behind)
    if (isBranch) {
      e.fuse(next)
      if (goesOn !== undefined) e.emitEdge(goesOn, nextBlock)
      return
    }
    const done = new Label()
    const give = (value: bigint): void => {
      e.freeScratch()
      e.result(instruction, (d) => m.constant(d, value))
    }
    give(result)
    m.jump(done)
    m.bind(no)
    give(1n - result)
    m.bind(done)
  }
}

/** After a comparison: to `yes` if it says so, else to `no`. */
function goTo({ m }: FunctionEmitter, isYes: Condition, { yes, no, next }: Ways): void {
  if (next === yes) return m.branch(INVERSE[isYes], no)
  m.branch(isYes, yes)
  if (next !== no) m.jump(no)
}

/** Whether two STRINGs have the same text: usually the objects tell, or that one is not the interned other. */
const emitEqual = decision(
  (e, { args }, { yes, no, next }, slow) => {
    const { m } = e
    const [left, right] = args as [Value, Value]
    const a = e.use(left)
    const b = e.use(right)
    m.compare(a, b)
    // If one of the two is interned, no other interned string has its text.
    const other = isInterned(left) ? b : isInterned(right) ? a : null
    if (other === null) return goTo(e, 'eq', { yes, no: slow, next })
    m.branch('eq', yes)
    m.compareMemory32Constant(other, StringLayout.INTERNED, 0)
    goTo(e, 'ne', { yes: no, no: slow, next })
  },
  (e, { args }, ways) => {
    e.m.compareConstant(callRoutine(e, 'equalTexts', ...args), 0)
    goTo(e, 'ne', ways)
  },
)

/** Whether a value of any type equals null or a boolean: as texts if it is a string. */
const emitIs = decision(
  (e, { args, imm }, ways, slow) => {
    const { m } = e
    const [payload, tag] = args as [Value, Value]
    const word = wordOf(imm)
    const t = e.use(tag)
    m.compare32Constant(t, Tag.STRING)
    m.branch('eq', slow)
    m.compare32Constant(t, word === Word.NULL ? Tag.NULL : Tag.BOOLEAN)
    if (word !== Word.NULL) {
      m.branch('ne', ways.no)
      m.compare32Constant(e.use(payload), word === Word.TRUE ? 1 : 0)
    }
    goTo(e, 'eq', ways)
  },
  (e, { args, imm }, ways) => {
    const { m } = e
    const [x, y] = m.roles.scratch as [number, number]
    e.loadInto(x, args[0] as Value)
    m.load(y, m.roles.context, Context.WORDS + wordOf(imm) * 8)
    m.compare(x, y)
    m.branch('eq', ways.yes)
    m.callSymbol(routineSymbol('equalTexts'))
    m.compareConstant(x, 0)
    goTo(e, 'ne', ways)
  },
)

/** hash, key, tag[, payload]: the value goes into the slot that a routine finds or makes. */
const emitHashStore: Emit = (e, instruction) => {
  const { m } = e
  const [hash, key, tag, payload] = instruction.args as [Value, Value, Value, Value | undefined]
  const [again, full, slow, resume] = [new Label(), new Label(), new Label(), new Label()]
  const name = Number(instruction.imm) === Tag.STRING ? 'placeString' : 'placeInteger'
  m.bind(again)
  const slot = callRoutine(e, name, hash, key)
  m.compareConstant(slot, 0)
  m.branch('eq', full)
  e.putSlot(slot, 0, payload ?? null, tag)
  m.bind(resume)
  e.fallback(instruction, slow, resume)
  e.later(() => {
    m.bind(full)
    m.compareConstant(callRoutine(e, 'growHash', hash), 0)
    m.branch('ne', again)
    m.jump(slow)
  })
}

export const EMIT_TEXTS = {
  'string.equal': emitEqual,
  'value.is': emitIs,
  'string.order': (e, i) => e.place(i, callRoutine(e, 'orderTexts', ...i.args)),
  'string.at': orFallback('characterAt'),
  'string.add': orFallback('concatenate'),
  'string.addinteger': concatenation(1),
  'integer.addstring': concatenation(0),
  'integer.text': orFallback('decimalOf'),
  'string.part': orFallback('substring'),
  'array.part': orFallback('sliceArray'),
  'hash.keys': orFallback('keysOfHash'),
  'hash.values': orFallback('valuesOfHash'),
  'hash.find': (e, i) =>
    e.place(i, callRoutine(e, Number(i.imm) === Tag.STRING ? 'findString' : 'findInteger', ...i.args)),
  'hash.store': emitHashStore,
} as const satisfies Partial<Record<OpName, Emit>>
