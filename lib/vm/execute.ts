/**
 * One instruction, executed the general way: what the run loop does when a fast path does not fit, and
 * what native code asks for by a yield. Calls, jumps, `Return` and `Throw` are not here.
 */
import { Opcode } from '../bytecode/opcodes.js'
import { appendElement, arrayFromSlots } from '../heap/arrays.js'
import { newHash, setEntry } from '../heap/hashes.js'
import { CellLayout, ClosureLayout, InstanceLayout, SLOT_SIZE, Tag } from '../heap/layout.js'
import { closureCell, createCell, createClosure, fieldAddress, setClosureCell } from '../heap/objects.js'
import { internString } from '../heap/strings.js'
import { unboundName } from '../runtime/builtins/registry.js'
import { addMethod, createClass, fieldNumber } from '../runtime/classes.js'
import { errorIs, failRuntime, MESSAGES } from '../runtime/errors.js'
import { checkKey, indexGet, indexSet } from '../runtime/indexing.js'
import { beginImport, endImport, failImport } from '../runtime/modules.js'
import * as operators from '../runtime/operators.js'
import { getProperty } from '../runtime/properties.js'
import type { Runtime, RuntimeFunction } from '../runtime/runtime.js'
import { cachedValue, fillCache, type LoadedFunction } from './loaded-function.js'

/** The text of a 'name' operand (translated to a constant's slot). */
export function nameText(fn: LoadedFunction, operand: number): string {
  return fn.unit.texts[(operand - fn.unit.constants) / SLOT_SIZE] as string
}

/**
 * @param position of the instruction in `fn`
 * @param sp one past the topmost operand
 * @returns the operand stack's top afterwards
 */
export function execute(rt: Runtime, fn: LoadedFunction, position: number, base: number, sp: number): number {
  const { heap } = rt
  const { code } = fn
  const a = code[position + 1] as number
  const b = code[position + 2] as number
  const top = sp - SLOT_SIZE
  const below = top - SLOT_SIZE
  rt.top = sp
  const opcode = (code[position] as number) & 127
  switch (opcode) {
    case Opcode.Constant:
    case Opcode.Integer:
      heap.copy(sp, a)
      return sp + SLOT_SIZE
    case Opcode.Null:
      heap.setNull(sp)
      return sp + SLOT_SIZE
    case Opcode.True:
    case Opcode.False:
      heap.setBoolean(sp, opcode === (Opcode.True as number))
      return sp + SLOT_SIZE
    case Opcode.Pop:
      return top
    case Opcode.Drop:
      return sp - a * SLOT_SIZE
    case Opcode.Dup:
      heap.copy(sp, top)
      return sp + SLOT_SIZE

    case Opcode.GetLocal:
      heap.copy(sp, base + a)
      return sp + SLOT_SIZE
    case Opcode.GetLocalChecked:
      return pushChecked(rt, fn, base + a, sp, b)
    case Opcode.SetLocal:
      heap.copy(base + a, top)
      return top
    case Opcode.ClearLocal:
      heap.setEmpty(base + a)
      return sp
    case Opcode.NewCell:
      heap.setReference(base + a, Tag.CELL, createCell(heap, base + a))
      return sp
    case Opcode.GetCell:
      return pushChecked(rt, fn, heap.referenceOf(base + a) + CellLayout.VALUE, sp, b)
    case Opcode.SetCell:
      heap.copy(heap.referenceOf(base + a) + CellLayout.VALUE, top)
      return top
    case Opcode.GetUpvalue:
      return pushChecked(rt, fn, upvalue(rt, base, a), sp, b)
    case Opcode.SetUpvalue:
      heap.copy(upvalue(rt, base, a), top)
      return top
    case Opcode.GetGlobal:
      if (heap.tagOf(a) === Tag.EMPTY)
        failUnbound(rt, fn.unit.globalNames[(a - fn.unit.globals) / SLOT_SIZE] as string)
      heap.copy(sp, a)
      return sp + SLOT_SIZE
    case Opcode.SetGlobal:
      heap.copy(a, top)
      return top
    case Opcode.GetBuiltin:
      heap.setBuiltin(sp, a)
      return sp + SLOT_SIZE
    case Opcode.GetUnbound:
      unboundName(rt, sp, nameText(fn, a))
      return sp + SLOT_SIZE

    case Opcode.Add:
      operators.add(rt, below, below, top)
      return top
    case Opcode.Subtract:
      operators.subtract(rt, below, below, top)
      return top
    case Opcode.Multiply:
      operators.multiply(rt, below, below, top)
      return top
    case Opcode.Divide:
      operators.divide(rt, below, below, top)
      return top
    case Opcode.Modulo:
      operators.modulo(rt, below, below, top)
      return top
    case Opcode.Equal:
      operators.equal(rt, below, below, top)
      return top
    case Opcode.NotEqual:
      operators.notEqual(rt, below, below, top)
      return top
    case Opcode.Less:
      operators.less(rt, below, below, top)
      return top
    case Opcode.Greater:
      operators.greater(rt, below, below, top)
      return top
    case Opcode.LessEqual:
      operators.lessEqual(rt, below, below, top)
      return top
    case Opcode.GreaterEqual:
      operators.greaterEqual(rt, below, below, top)
      return top
    case Opcode.Negate:
      operators.negate(rt, top, top)
      return sp
    case Opcode.Not:
      operators.not(rt, top, top)
      return sp
    case Opcode.ToBoolean:
      operators.toBoolean(rt, top, top)
      return sp
    case Opcode.SameCase:
      operators.sameCase(rt, below, below, top)
      return top

    case Opcode.Closure:
      makeClosure(rt, fn, a, base, sp)
      return sp + SLOT_SIZE
    case Opcode.Array: {
      const first = sp - a * SLOT_SIZE
      arrayFromSlots(heap, first, first, a)
      return first + SLOT_SIZE
    }
    case Opcode.Append: {
      const array = sp - (a + 1) * SLOT_SIZE
      for (let slot = array + SLOT_SIZE; slot < sp; slot += SLOT_SIZE) {
        appendElement(heap, heap.referenceOf(array), slot)
      }
      return array + SLOT_SIZE
    }
    case Opcode.Hash: {
      const first = sp - 2 * a * SLOT_SIZE
      const hash = newHash(heap, a)
      insertPairs(rt, hash, first, sp)
      heap.setReference(first, Tag.HASH, hash)
      return first + SLOT_SIZE
    }
    case Opcode.Insert: {
      const hash = sp - (2 * a + 1) * SLOT_SIZE
      insertPairs(rt, heap.referenceOf(hash), hash + SLOT_SIZE, sp)
      return hash + SLOT_SIZE
    }
    case Opcode.GetIndex:
      indexGet(rt, below, below, top)
      return top
    case Opcode.SetIndex: {
      const container = below - SLOT_SIZE
      indexSet(rt, container, below, top)
      heap.copy(container, top)
      return below
    }
    case Opcode.GetProperty:
      getProperty(rt, top, top, nameText(fn, a))
      return sp
    case Opcode.GetField:
      heap.copy(top, fieldOf(rt, fn, position, top, a))
      return sp
    case Opcode.SetField:
      heap.copy(fieldOf(rt, fn, position, top, a), below)
      return below

    case Opcode.Class:
    case Opcode.Subclass: {
      const descriptor = fn.unit.program.classes[a]
      if (descriptor === undefined) throw new Error(`class ${a}`)
      const inherits = opcode === (Opcode.Subclass as number)
      const dst = inherits ? top : sp
      createClass(rt, dst, internString(heap, descriptor.name), inherits ? top : 0, descriptor.fields)
      return dst + SLOT_SIZE
    }
    case Opcode.Method:
      addMethod(rt, heap.referenceOf(below), heap.referenceOf(a), heap.referenceOf(top))
      return top

    case Opcode.ErrorIs:
      heap.setBoolean(top, errorIs(rt, top, nameText(fn, a)))
      return sp
    case Opcode.Fail:
      return failRuntime(rt, nameText(fn, a))

    case Opcode.Import:
      heap.setBoolean(sp, beginImport(rt, fn.unit, a, nameText(fn, b)))
      return sp + SLOT_SIZE
    case Opcode.Imported:
      endImport(rt, fn.unit, a)
      return sp
    case Opcode.ImportFailed:
      return failImport(rt, fn.unit, a, nameText(fn, b), top)
    case Opcode.GetExport:
      if (heap.tagOf(a) === Tag.EMPTY) failRuntime(rt, nameText(fn, b))
      heap.copy(sp, a)
      return sp + SLOT_SIZE
    default:
      throw new Error(`instruction ${code[position]} at ${position} is not a simple one`)
  }
}

function failUnbound(rt: Runtime, name: string): never {
  return failRuntime(rt, MESSAGES.identifierNotFound(name))
}

function pushChecked(rt: Runtime, fn: LoadedFunction, slot: number, sp: number, name: number): number {
  if (rt.heap.tagOf(slot) === Tag.EMPTY) failUnbound(rt, nameText(fn, name))
  rt.heap.copy(sp, slot)
  return sp + SLOT_SIZE
}

/** The slot of a captured variable of the function that runs at `base`. */
function upvalue(rt: Runtime, base: number, index: number): number {
  const closure = rt.heap.referenceOf(base - SLOT_SIZE)
  return closureCell(rt.heap, closure, index) + CellLayout.VALUE
}

function makeClosure(rt: Runtime, fn: LoadedFunction, index: number, base: number, dst: number): void {
  const { heap } = rt
  const target = rt.functions[index] as RuntimeFunction
  const { captures } = fn.unit.program.functions[index - fn.unit.firstFunction] as {
    captures: readonly { from: string; index: number }[]
  }
  const running = heap.referenceOf(base - SLOT_SIZE)
  const closure = createClosure(heap, dst, target.record, captures.length)
  captures.forEach((capture, i) => {
    const cell =
      capture.from === 'local'
        ? heap.referenceOf(base + capture.index * SLOT_SIZE)
        : closureCell(heap, running, capture.index)
    setClosureCell(heap, closure, i, cell)
  })
  heap.setPointer(closure + ClosureLayout.HOME, heap.getPointer(running + ClosureLayout.HOME))
}

function insertPairs(rt: Runtime, hash: number, from: number, to: number): void {
  for (let slot = from; slot < to; slot += 2 * SLOT_SIZE) {
    checkKey(rt, slot)
    setEntry(rt.heap, hash, slot, slot + SLOT_SIZE)
  }
}

/** The address of an instance variable of the object in `self`, found by an inline cache. */
function fieldOf(rt: Runtime, fn: LoadedFunction, position: number, self: number, name: number): number {
  const { heap } = rt
  if (heap.tagOf(self) !== Tag.INSTANCE)
    return failRuntime(rt, MESSAGES.fieldOutsideObject(nameText(fn, name)))
  const object = heap.referenceOf(self)
  const classObject = heap.getPointer(object + InstanceLayout.CLASS)
  const cache = fn.cacheAt(position)
  const known = cachedValue(heap, cache, classObject)
  if (known !== 0) return object + known
  const field = fieldNumber(rt, classObject, heap.referenceOf(name))
  if (field < 0) return failRuntime(rt, MESSAGES.fieldOutsideObject(nameText(fn, name)))
  const address = fieldAddress(object, field)
  fillCache(heap, cache, classObject, address - object)
  return address
}
