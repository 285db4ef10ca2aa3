/** Functions, closures, cells, classes, instances, method values, errors, host objects and JSON documents. */
import type { Heap } from './heap.js'
import {
  BoundMethodLayout,
  CellLayout,
  ClassLayout,
  ClosureLayout,
  Context,
  ErrorLayout,
  FunctionLayout,
  HostLayout,
  InstanceLayout,
  JsonLayout,
  Kind,
  MethodValueLayout,
  SLOT_SIZE,
  Tag,
} from './layout.js'

export interface FunctionShape {
  /** Index in the runtime's function table. */
  index: number
  /** With `self` for methods. */
  parameters: number
  method: boolean
}

/** A FUNCTION record; never freed. Counters are 0, the native entry too. */
export function createFunction(heap: Heap, shape: FunctionShape): number {
  const record = heap.allocate(Kind.FUNCTION, FunctionLayout.SIZE)
  const { I32 } = heap
  I32.fill(0, (record + 8) >> 2, (record + FunctionLayout.SIZE) >> 2)
  I32[(record + FunctionLayout.INDEX) >> 2] = shape.index
  I32[(record + FunctionLayout.PARAMETERS) >> 2] = shape.parameters
  I32[(record + FunctionLayout.METHOD) >> 2] = shape.method ? 1 : 0
  heap.keep(record)
  I32[(record + FunctionLayout.PREVIOUS) >> 2] = I32[Context.FUNCTIONS >> 2] as number
  Atomics.store(I32, Context.FUNCTIONS >> 2, record)
  return record
}

/** A closure with `cells` captured cells, none of them set yet; its home class is none. */
export function createClosure(heap: Heap, dst: number, functionRecord: number, cells: number): number {
  const closure = heap.allocate(Tag.CLOSURE, ClosureLayout.CELLS + cells * 8)
  heap.I32[(closure + ClosureLayout.COUNT) >> 2] = cells
  heap.setPointer(closure + ClosureLayout.FUNCTION, functionRecord)
  heap.setPointer(closure + ClosureLayout.HOME, 0)
  for (let i = 0; i < cells; i++) heap.setPointer(closure + ClosureLayout.CELLS + i * 8, 0)
  heap.setReference(dst, Tag.CLOSURE, closure)
  return closure
}

export function setClosureCell(heap: Heap, closure: number, index: number, cell: number): void {
  heap.setPointer(closure + ClosureLayout.CELLS + index * 8, cell)
}

export function closureCell(heap: Heap, closure: number, index: number): number {
  return heap.getPointer(closure + ClosureLayout.CELLS + index * 8)
}

/** Address of the closure's FUNCTION record. */
export function closureFunction(heap: Heap, closure: number): number {
  return heap.I32[(closure + ClosureLayout.FUNCTION) >> 2] as number
}

/** A cell that holds the value of the slot `value`; 0: no value yet. */
export function createCell(heap: Heap, value: number): number {
  const cell = heap.allocate(Tag.CELL, CellLayout.SIZE)
  if (value === 0) heap.setEmpty(cell + CellLayout.VALUE)
  else heap.copy(cell + CellLayout.VALUE, value)
  return cell
}

/** A class; `methods` and `fieldNumbers` are HASH addresses, `superclass` a CLASS address or 0. */
export function createClassObject(
  heap: Heap,
  name: number,
  superclass: number,
  methods: number,
  fieldNumbers: number,
  fields: number,
): number {
  const object = heap.allocate(Tag.CLASS, ClassLayout.SIZE)
  heap.I32[(object + ClassLayout.FIELDS) >> 2] = fields
  heap.setPointer(object + ClassLayout.NAME, name)
  heap.setPointer(object + ClassLayout.SUPER, superclass)
  heap.setPointer(object + ClassLayout.METHODS, methods)
  heap.setPointer(object + ClassLayout.FIELD_NUMBERS, fieldNumbers)
  return object
}

/** An object of a class with all fields NULL. */
export function createInstance(heap: Heap, dst: number, classObject: number): number {
  const fields = heap.I32[(classObject + ClassLayout.FIELDS) >> 2] as number
  const instance = heap.allocate(Tag.INSTANCE, InstanceLayout.SLOTS + fields * SLOT_SIZE)
  heap.I32[(instance + InstanceLayout.FIELDS) >> 2] = fields
  heap.setPointer(instance + InstanceLayout.CLASS, classObject)
  for (let i = 0; i < fields; i++) heap.setNull(instance + InstanceLayout.SLOTS + i * SLOT_SIZE)
  heap.setReference(dst, Tag.INSTANCE, instance)
  return instance
}

export function instanceClass(heap: Heap, instance: number): number {
  return heap.I32[(instance + InstanceLayout.CLASS) >> 2] as number
}

/** Address of the slot of a field. */
export function fieldAddress(instance: number, field: number): number {
  return instance + InstanceLayout.SLOTS + field * SLOT_SIZE
}

export function createBoundMethod(
  heap: Heap,
  dst: number,
  receiver: number,
  closure: number,
  name: number,
): void {
  const object = heap.allocate(Tag.BOUND_METHOD, BoundMethodLayout.SIZE)
  heap.setPointer(object + BoundMethodLayout.RECEIVER, receiver)
  heap.setPointer(object + BoundMethodLayout.METHOD, closure)
  heap.setPointer(object + BoundMethodLayout.NAME, name)
  heap.setReference(dst, Tag.BOUND_METHOD, object)
}

/** A builtin method with its receiver, the value in the slot `receiver`. */
export function createMethodValue(heap: Heap, dst: number, receiver: number, name: number): void {
  const object = heap.allocate(Tag.METHOD_VALUE, MethodValueLayout.SIZE)
  heap.setPointer(object + MethodValueLayout.NAME, name)
  heap.copy(object + MethodValueLayout.RECEIVER, receiver)
  heap.setReference(dst, Tag.METHOD_VALUE, object)
}

/** An error that was not thrown yet; `type` and `message` are STRING addresses. */
export function createError(heap: Heap, dst: number, type: number, message: number): number {
  const error = heap.allocate(Tag.ERROR, ErrorLayout.SIZE)
  heap.I32[(error + ErrorLayout.LINE) >> 2] = 0
  heap.I32[(error + ErrorLayout.COLUMN) >> 2] = 0
  heap.I32[(error + ErrorLayout.SOURCE) >> 2] = 0
  heap.setPointer(error + ErrorLayout.TYPE, type)
  heap.setPointer(error + ErrorLayout.MESSAGE, message)
  heap.setPointer(error + ErrorLayout.STACK, 0)
  heap.setReference(dst, Tag.ERROR, error)
  return error
}

/** An object whose body is `index` in the host table; `Heap.onHostReleased` hears of its end. */
export function createHost(heap: Heap, dst: number, type: number, index: number): number {
  const object = heap.allocate(Tag.HOST, HostLayout.SIZE)
  heap.countHost()
  heap.I32[(object + HostLayout.INDEX) >> 2] = index
  heap.I32[(object + HostLayout.TYPE) >> 2] = type
  heap.setReference(dst, Tag.HOST, object)
  return object
}

/** A document whose data is the value in the slot `value`, which may be `dst`. */
export function createJson(heap: Heap, dst: number, value: number): void {
  const document = heap.allocate(Tag.JSON, JsonLayout.SIZE)
  heap.copy(document + JsonLayout.VALUE, value)
  heap.setReference(dst, Tag.JSON, document)
}

/** Address of the slot of a document's data. */
export function jsonData(document: number): number {
  return document + JsonLayout.VALUE
}
