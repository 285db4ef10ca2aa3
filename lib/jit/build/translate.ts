/**
 * One bytecode instruction -> IR. What has no fast path here, or no feedback that selects one, becomes a
 * `step`: the VM executes the instruction on the frame and native code goes on. So every function can
 * be compiled.
 */
import { jumpTarget, nextPosition } from '../../bytecode/instructions.js'
import { OPCODES, Opcode, type OpcodeInfo, popsAt } from '../../bytecode/opcodes.js'
import { ArrayLayout, CellLayout, ClosureLayout, SLOT_TAG, Tag } from '../../heap/layout.js'
import { Instruction, type MemoryClass, Snapshot, type Value } from '../ir/graph.js'
import { integerConstant } from '../ir/patterns.js'
import { translateArray, translateClosure, translateNewCell } from './allocation.js'
import { translateBinary, translateComparison, translateEquality } from './arithmetic.js'
import type { Builder } from './builder.js'
import { fits, lengthOf, translateBuiltinMethod } from './builtins.js'
import { translateCall } from './calls.js'
import { decided, noteCondition } from './conditions.js'
import type { Emitter } from './emitter.js'
import { translateHash, translateHashGet, translateHashParts, translateHashSet } from './hashes.js'
import { delayedValue, delayStore } from './inline.js'
import {
  translateGetField,
  translateMethodCall,
  translateNew,
  translateSetField,
  translateSuperCall,
} from './objects.js'
import { type Abstract, hasPayload, hasSameTag, known, type PendingStore, UNKNOWN, unknown } from './state.js'

import {
  translateIs,
  translateTextAdd,
  translateTextEquality,
  translateTextIndex,
  translateTextOrder,
} from './texts.js'
import { setVariable } from './variables.js'

/** Tags of the results of instructions that always give the same type. */
const RESULT_TAGS: Readonly<Record<number, number>> = {
  [Opcode.Equal]: Tag.BOOLEAN,
  [Opcode.NotEqual]: Tag.BOOLEAN,
  [Opcode.Less]: Tag.BOOLEAN,
  [Opcode.Greater]: Tag.BOOLEAN,
  [Opcode.LessEqual]: Tag.BOOLEAN,
  [Opcode.GreaterEqual]: Tag.BOOLEAN,
  [Opcode.SameCase]: Tag.BOOLEAN,
  [Opcode.ErrorIs]: Tag.BOOLEAN,
  [Opcode.Import]: Tag.BOOLEAN,
  [Opcode.Closure]: Tag.CLOSURE,
  [Opcode.Array]: Tag.ARRAY,
  [Opcode.Append]: Tag.ARRAY,
  [Opcode.Hash]: Tag.HASH,
  [Opcode.Insert]: Tag.HASH,
  [Opcode.Class]: Tag.CLASS,
  [Opcode.Subclass]: Tag.CLASS,
  [Opcode.Method]: Tag.CLASS,
}

/** @returns whether control goes on behind the instruction */
export function translateInstruction(b: Builder): boolean {
  const { fn, position, state } = b
  const { code } = fn
  const opcode = code[position] as number
  const operand = code[position + 1] as number
  switch (opcode) {
    case Opcode.Constant:
      translateConstant(b, operand)
      return true
    case Opcode.Integer:
      state.push(known(Tag.INTEGER, b.int(operand)))
      return true
    case Opcode.Null:
      state.push(known(Tag.NULL, null))
      return true
    case Opcode.True:
    case Opcode.False:
      state.push(known(Tag.BOOLEAN, b.int(opcode === Opcode.True ? 1 : 0)))
      return true
    case Opcode.Pop:
      state.pop()
      return true
    case Opcode.Drop:
      state.pop(operand)
      return true
    case Opcode.Dup:
      state.push(state.operand(0))
      return true

    case Opcode.GetLocal:
      state.push(state.get(operand))
      return true
    case Opcode.GetLocalChecked:
      state.push(checked(b, state.get(operand)))
      return true
    case Opcode.SetLocal: {
      const value = state.operand(0)
      state.pop()
      state.set(operand, value)
      return true
    }
    case Opcode.ClearLocal:
      state.set(operand, known(Tag.EMPTY, null))
      return true
    case Opcode.NewCell:
      translateNewCell(b, operand)
      return true
    case Opcode.GetCell:
      state.push(b.readVariable(loadValue(b, cellOf(b, operand), CellLayout.VALUE, 'cells')))
      return true
    case Opcode.SetCell:
      storeValue(b, cellOf(b, operand), CellLayout.VALUE, state.operand(0), 'cells')
      state.pop()
      return true
    case Opcode.GetUpvalue:
      state.push(b.readVariable(loadValue(b, upvalue(b, operand), CellLayout.VALUE, 'cells')))
      return true
    case Opcode.SetUpvalue:
      storeValue(b, upvalue(b, operand), CellLayout.VALUE, state.operand(0), 'cells')
      state.pop()
      return true
    case Opcode.GetGlobal:
      state.push(b.readGlobal(operand))
      return true
    case Opcode.SetGlobal: {
      setVariable(b, operand, state.operand(0))
      state.pop()
      return true
    }
    case Opcode.GetBuiltin: {
      const name = b.input.program.builtins[operand] as string
      state.push(known(Tag.BUILTIN, b.int(b.input.world.builtinIndex(name))))
      return true
    }

    case Opcode.Add:
    case Opcode.Subtract:
    case Opcode.Multiply:
    case Opcode.Divide:
    case Opcode.Modulo:
      return translateBinary(b, opcode) || (opcode === Opcode.Add && translateTextAdd(b)) || generic(b)
    case Opcode.Less:
    case Opcode.Greater:
    case Opcode.LessEqual:
    case Opcode.GreaterEqual:
      return translateComparison(b, opcode) || translateTextOrder(b, opcode) || generic(b)
    case Opcode.Equal:
    case Opcode.NotEqual:
    case Opcode.SameCase:
      return (
        translateEquality(b, opcode) ||
        translateTextEquality(b, opcode) ||
        translateIs(b, opcode) ||
        generic(b)
      )
    case Opcode.Negate:
      return translateNegate(b) || generic(b)
    case Opcode.Not:
    case Opcode.ToBoolean: {
      const truth = truthOf(b, state.operand(0))
      state.pop()
      state.push(known(Tag.BOOLEAN, opcode === Opcode.Not ? negated(b, truth) : truth))
      return true
    }

    case Opcode.Jump:
      b.jumpTo(operand)
      return false
    case Opcode.Loop:
      if (!b.isPeeled(operand)) b.emit('poll', []).snapshot = b.snapshot(null)
      b.jumpTo(operand)
      return false
    case Opcode.JumpIfFalse:
    case Opcode.JumpIfTrue:
      translateBranch(b, opcode === Opcode.JumpIfTrue)
      return false
    case Opcode.Return: {
      b.returnValue(state.operand(0))
      return false
    }
    case Opcode.Call:
      return translateCall(b, operand) || generic(b)
    case Opcode.CallMethod: {
      const count = code[position + 2] as number
      return translateMethodCall(b, count) || translateBuiltinMethod(b, count) || generic(b)
    }
    case Opcode.New:
      return translateNew(b, operand) || generic(b)
    case Opcode.CallSuper:
      return translateSuperCall(b, code[position + 2] as number) || generic(b)
    case Opcode.Closure:
      return translateClosure(b, operand) || generic(b)
    case Opcode.Array:
      return translateArray(b, operand) || generic(b)
    case Opcode.Hash:
      return translateHash(b, operand) || generic(b)
    case Opcode.GetField:
      return translateGetField(b) || generic(b)
    case Opcode.SetField:
      return translateSetField(b) || generic(b)
    case Opcode.GetIndex:
      return translateGetIndex(b) || translateTextIndex(b) || translateHashGet(b) || generic(b)
    case Opcode.SetIndex:
      return translateSetIndex(b) || translateHashSet(b) || generic(b)
    case Opcode.GetProperty:
      return translateLength(b, operand) || translateHashParts(b, nameOf(b, operand)) || generic(b)
    case Opcode.Throw:
    case Opcode.Fail:
    case Opcode.ImportFailed:
      if (b.site === null) b.flush()
      b.emit('leave', []).snapshot = b.snapshot(null)
      return false
    default:
      return generic(b)
  }
}

/** Everything the VM can do by itself. */
function generic(b: Builder): true {
  const { code } = b.fn
  const info = OPCODES[code[b.position] as number] as OpcodeInfo
  step(b)
  b.state.pop(popsAt(code, b.position))
  for (let i = 0; i < info.pushes; i++) {
    const slot = b.state.size
    const tag = RESULT_TAGS[info.code]
    b.state.push(tag === undefined ? b.loadSlot(slot) : b.loadKnown(slot, tag), true)
  }
  return true
}

export function step(b: Builder): void {
  b.flush()
  b.emit('step', []).snapshot = b.snapshot(null)
  b.killMemory()
}

function translateConstant(b: Builder, index: number): void {
  const constant = b.input.program.constants[index]
  if (constant === undefined) throw new Error(`constant ${index}`)
  if (constant.type === 'integer') b.state.push(known(Tag.INTEGER, b.int(BigInt(constant.value))))
  else if (constant.type === 'float') b.state.push(known(Tag.FLOAT, b.float(constant.value)))
  else b.state.push(known(Tag.STRING, b.load('load', b.address(`constant:${index}`), 0, 'fixed')))
}

/** A variable's value, which must be one. */
export function checked(b: Emitter, value: Abstract): Abstract {
  if (value.tag !== UNKNOWN && value.tag !== Tag.EMPTY) return value
  b.guard('guard.nottag', [b.tagOf(value)], 'unbound', BigInt(Tag.EMPTY))
  return value
}

export function loadValue(b: Emitter, pointer: Value, offset: number, memory: MemoryClass): Abstract {
  const delayed = delayedValue(b.state, pointer, offset, memory)
  if (delayed !== null) return delayed
  const payload = b.load('load', pointer, offset, memory)
  return unknown(payload, b.load('load32', pointer, offset + SLOT_TAG, memory))
}

/** @param held what the place is known to hold: a tag that stays needs no store */
export function storeValue(
  b: Emitter,
  pointer: Value,
  offset: number,
  value: Abstract,
  memory: MemoryClass,
  held: Abstract | null = null,
): void {
  const sameTag = held !== null && hasSameTag(held, value)
  const store = { pointer, offset, value, memory, sameTag }
  if (b.site !== null && !isNew(pointer)) delayStore(b.state, store)
  else emitStore(b, store)
}

export function emitStore(b: Emitter, { pointer, offset, value, memory, sameTag }: PendingStore): void {
  if (value.payload !== null) {
    const op = value.payload.valueClass === 'f' ? 'storef' : 'store'
    b.emit(op, [pointer, value.payload], BigInt(offset)).memory = memory
  }
  if (!sameTag) b.emit('store', [pointer, b.tagOf(value)], BigInt(offset + SLOT_TAG)).memory = memory
}

/** Whether it is an object that nobody else knows yet. */
function isNew(pointer: Value): boolean {
  return pointer instanceof Instruction && pointer.op === 'alloc'
}

/** The payload as a word, 0 where there is none. */
export function payloadWord(b: Builder, value: Abstract): Value {
  if (value.payload === null) return b.int(0)
  return value.payload.valueClass === 'f' ? b.emit('float.tobits', [value.payload]) : value.payload
}

function cellOf(b: Builder, local: number): Value {
  return b.state.get(local).payload as Value
}

/** The cell of a captured variable, from the running closure in the callee slot. */
function upvalue(b: Builder, index: number): Value {
  const closure = b.runningClosure()
  const name = `${closure.id}:${index}`
  let cell = b.state.cells.get(name)
  if (cell === undefined) {
    cell = b.load('load', closure, ClosureLayout.CELLS + index * 8, 'fixed')
    b.state.cells.set(name, cell)
  }
  return cell
}

/** 0 or 1. */
export function truthOf(b: Builder, value: Abstract): Value {
  switch (value.tag) {
    case UNKNOWN:
      return b.emit('truthy', [value.payload as Value, value.tagValue as Value])
    case Tag.NULL:
      return b.int(0)
    case Tag.BOOLEAN:
      return value.payload as Value
    default:
      return b.int(1)
  }
}

/** The other truth. */
export function negated(b: Builder, truth: Value): Value {
  const constant = integerConstant(truth)
  return constant === null ? b.emit('bool.not', [truth]) : b.int(constant === 0n ? 1 : 0)
}

function translateBranch(b: Builder, jumpIfTrue: boolean): void {
  const { code } = b.fn
  const truth = truthOf(b, b.state.operand(0))
  b.state.pop()
  const target = jumpTarget(code, b.position)
  const next = nextPosition(code, b.position)
  const holds = decided(b.state, truth)
  if (holds !== null) {
    b.jumpTo(holds === jumpIfTrue ? target : next)
    return
  }
  const branch = b.emit('branch', [truth])
  const { whenTrue, whenFalse } = b.feedbackAt(b.position)
  const isCounted = whenTrue + whenFalse > 0
  const other = b.state.clone()
  noteCondition(other, truth, true)
  b.addEdge(branch, jumpIfTrue ? target : next, other, isCounted ? whenTrue : undefined)
  noteCondition(b.state, truth, false)
  b.addEdge(branch, jumpIfTrue ? next : target, b.state, isCounted ? whenFalse : undefined)
}

function translateNegate(b: Builder): boolean {
  const seen = b.feedbackAt(b.position).left
  let value = b.state.operand(0)
  if (value.tag === UNKNOWN && seen === 1 << Tag.INTEGER) value = b.expect(value, Tag.INTEGER, 'notInteger')
  if (value.tag === UNKNOWN && seen === 1 << Tag.FLOAT) value = b.expect(value, Tag.FLOAT, 'notFloat')
  if (value.tag !== Tag.INTEGER && value.tag !== Tag.FLOAT) return false
  const result = b.emit(value.tag === Tag.INTEGER ? 'int.neg' : 'float.neg', [value.payload as Value])
  b.state.pop()
  b.state.push(known(value.tag, result))
  return true
}

function translateGetIndex(b: Builder): boolean {
  const { state } = b
  const feedback = b.feedbackAt(b.position)
  if (
    !fits(state.operand(1), feedback.left, Tag.ARRAY) ||
    !fits(state.operand(0), feedback.right, Tag.INTEGER)
  ) {
    return false
  }
  const array = b.expect(state.operand(1), Tag.ARRAY, 'notArray').payload as Value
  // The guard may have told of the index, too, if both are the same value.
  if (!fits(state.operand(0), feedback.right, Tag.INTEGER)) return false
  const index = b.expect(state.operand(0), Tag.INTEGER, 'notInteger').payload as Value
  guardIndex(b, array, index)
  const data = b.load('load', array, ArrayLayout.DATA, 'data')
  const element = loadValue(b, b.emit('element', [data, index]), 0, 'elements')
  state.pop(2)
  state.push(element)
  return true
}

/** If there is no such element, the VM says so. @returns where it would go on */
function guardIndex(b: Builder, array: Value, index: Value): Snapshot {
  const length = b.load('load32', array, ArrayLayout.LENGTH, 'fixed')
  return b.guard('guard.below', [index, length], 'outOfRange')
}

function translateSetIndex(b: Builder): boolean {
  const { state } = b
  const feedback = b.feedbackAt(b.position)
  if (
    !fits(state.operand(2), feedback.left, Tag.ARRAY) ||
    !fits(state.operand(1), feedback.right, Tag.INTEGER)
  ) {
    return false
  }
  const array = b.expect(state.operand(2), Tag.ARRAY, 'notArray').payload as Value
  if (!fits(state.operand(1), feedback.right, Tag.INTEGER)) return false
  const index = b.expect(state.operand(1), Tag.INTEGER, 'notInteger').payload as Value
  const value = state.operand(0)
  const { slots, variables } = guardIndex(b, array, index)
  const data = b.emit('array.own', [array, index])
  data.snapshot = new Snapshot(b.position, slots, variables, null)
  const args = [b.emit('element', [data, index]), b.tagOf(value)]
  if (hasPayload(value.tag)) args.push(value.payload as Value)
  b.emit('slot.store', args).memory = 'elements'
  state.pop(3)
  state.push(value)
  return true
}

/** `.length` of what has one. */
function translateLength(b: Builder, name: number): boolean {
  const { state } = b
  if (nameOf(b, name) !== 'length') return false
  const length = lengthOf(b, state.operand(0), b.feedbackAt(b.position).left & ~(1 << Tag.HASH))
  if (length === null) return false
  state.pop()
  state.push(known(Tag.INTEGER, length))
  return true
}

/** The text of a 'name' operand. */
export function nameOf(b: Builder, constant: number): string {
  return String(b.input.program.constants[constant]?.value)
}
