/**
 * Raising Rush errors. The error in flight is in `Runtime.errorSlot`, and the JavaScript exception is
 * always the singleton THROWN. Place and stack are filled in by the tier that catches it first.
 */
import { KNOWN_FAILURES } from '../bytecode/messages.js'
import { refusalText } from '../files/sandbox.js'
import type { Heap } from '../heap/heap.js'
import { ErrorLayout, Tag } from '../heap/layout.js'
import { createError } from '../heap/objects.js'
import { internString, newString, toJsString } from '../heap/strings.js'
import { textString } from './format.js'
import { type Runtime, type SourceText, THROWN } from './runtime.js'

/** The texts of all errors that the runtime raises, by reason. */
export const MESSAGES = {
  ...KNOWN_FAILURES,
  identifierNotFound: (name: string) => `identifier not found: ${name}`,
  unknownOperator: (left: string, symbol: string, right: string) =>
    `unknown operator: ${left} ${symbol} ${right}`,
  unknownStringOperator: (symbol: string) => `unknown operator: ${symbol}`,
  unknownUnary: (symbol: string, type: string) => `unknown operator: ${symbol}${type}`,
  divisionByZero: () => 'division by zero',
  moduloByZero: () => 'modulo by zero',

  argumentCount: (want: number, got: number) => `wrong number of arguments: want=${want}, got=${got}`,
  initializeCount: (want: number, got: number) =>
    `wrong number of arguments for initialize: want=${want}, got=${got}`,
  superCount: (want: number, got: number) =>
    `wrong number of arguments for super(): want=${want}, got=${got}`,
  builtinCount: (got: number, want: string) => `wrong number of arguments. got=${got}, want${want}`,
  methodCount: (name: string, want: string, got: number) =>
    `wrong number of arguments for ${name}: want${want}, got=${got}`,
  notAFunction: (type: string) => `not a function: ${type}`,
  stackOverflow: () => 'stack overflow',
  outOfMemory: () => 'out of memory',
  tooLong: (kind: 'string' | 'array', limit: number) =>
    `${kind} too long (limit ${limit} ${kind === 'string' ? 'bytes' : 'elements'})`,

  indexNotSupported: (type: string) => `index operator not supported: ${type}`,
  indexNotWhole: (container: string, index: string) =>
    `${container} index must be a whole number, got: ${index}`,
  indexOutOfRange: (container: string, index: string, length: number) =>
    `${container} index ${index} out of range [0:${length}]`,
  arrayIndexType: (type: string) => `array index must be an integer, got ${type}`,
  arrayIndexOutOfBounds: (index: string, length: number) =>
    `array index out of bounds: index ${index}, length ${length}`,
  stringImmutable: () => 'string index assignment not supported: strings are immutable',
  indexAssignment: (type: string) => `index assignment not supported on type: ${type}`,
  unusableKey: (type: string) => `unusable as hash key: ${type}`,

  unknownProperty: (name: string, kind: string) => `unknown property ${name} for ${kind}`,
  noProperties: (type: string) => `property access not supported for type ${type}`,
  errorProperty: (name: string) => `error object has no property '${name}'`,
  undefinedMethod: (name: string, className: string) => `undefined method ${name} for class ${className}`,
  notAClass: (type: string) => `not a class: ${type}`,
  superclassType: (type: string) => `super class must be a class, got ${type}`,
  noSuperclass: () => 'super() called but no superclass exists',
  superMethodNotFound: (name: string) => `super method ${name} not found`,

  importFailed: (place: string, reason: string) => `failed to import module ${place}: ${reason}`,
  circularImport: (circle: string) => `circular dependency detected: ${circle}`,
  moduleFailed: (place: string, type: string, message: string) =>
    `error executing module ${place}: ${type}: ${message}`,

  argumentType: (what: string, expected: string, got: string) => `${what} must be ${expected}, got ${got}`,
  lenType: (type: string) => `argument to \`len\` not supported, got ${type}`,
  ordLength: (length: number) => `argument to \`ord\` must be a single character, got length ${length}`,
  chrRange: (code: string) => `argument to \`chr\` must be between 0 and 127, got ${code}`,
  popEmpty: () => 'pop from empty array',
  popEmptyMethod: () => 'cannot pop from empty array',
  pairType: (type: string) => `array elements must be arrays of [key, value] pairs, got ${type}`,
  pairLength: (length: number) => `each pair must have at least 2 elements (key and value), got ${length}`,
  sqrtNegative: () => 'sqrt of negative number',
  sqrtNegativeArgument: (value: string) => `argument to \`builtin_sqrt\` cannot be negative, got ${value}`,
  exponentType: (type: string) => `exponent to pow must be number, got ${type}`,
  randomOrder: () => 'first argument to `builtin_random_int` cannot be greater than second argument',
  averageEmpty: () => 'cannot calculate average of empty array',

  regexpPattern: (reason: string) => `invalid regular expression: ${reason}`,

  jsonText: (reason: string) => `invalid JSON: ${reason}`,
  jsonWriting: (task: string, reason: string) => `${task}: ${reason}`,
  jsonValueType: (type: string) => `unsupported value type for JSON: ${type}`,
  jsonKeyType: (type: string) => `JSON object keys must be strings, got ${type}`,
  jsonNumber: (text: string) => `unsupported value for JSON: ${text}`,
  jsonCycle: () => 'cyclic structure',
  jsonDepth: (limit: number) => `nested too deeply (limit ${limit})`,
  jsonGetScalar: () => 'cannot get property from non-object/array JSON value',
  jsonSetScalar: () => 'cannot set property on non-object/array JSON value',
  jsonSetIndex: () => 'invalid array index for JSON set',
  jsonPathType: () => 'path argument must be STRING',
  jsonIndentType: () => 'indent argument must be STRING',
  jsonMergeType: () => 'merge argument must be JSON',
  jsonMergeData: () => 'can only merge JSON objects (hashes)',

  undefinedNamespaceMethod: (name: string, namespace: string) =>
    `undefined method ${name} for ${namespace} namespace`,
  argumentTypeOnly: (what: string, expected: string) => `${what} must be ${expected}`,
  accessRefused: refusalText,
  pathTraversal: (kind: string) => `invalid ${kind} path: path traversal not allowed`,
  fileAlreadyOpen: (name: string) => `file is already open: ${name}`,
  fileNotOpen: (name: string) => `file is not open: ${name}`,
  fileMode: (mode: string) => `invalid file mode: ${mode}`,
  fileMissing: (name: string) => `file does not exist: ${name}`,
  systemFailure: (task: string, name: string, operation: string, path: string, reason: string) =>
    `failed to ${task} ${name}: ${operation} ${path}: ${reason}`,
  timeFieldCount: (got: number) =>
    `wrong number of arguments. got=${got}, want=6 (year, month, day, hour, minute, second)`,
  parseFailure: (what: string, text: string) => `failed to parse ${what}: ${text}`,
} as const

/** Makes a new error the one in flight, without raising it. */
export function setError(rt: Runtime, type: 'RuntimeError' | 'IndexError', message: string): void {
  createError(rt.heap, rt.errorSlot, internString(rt.heap, type), newString(rt.heap, message))
}

/** Raises a new error. */
export function fail(rt: Runtime, type: 'RuntimeError' | 'IndexError', message: string): never {
  setError(rt, type, message)
  throw THROWN
}

/** Raises a new RuntimeError. */
export function failRuntime(rt: Runtime, message: string): never {
  return fail(rt, 'RuntimeError', message)
}

/** What `throw v` raises becomes the error in flight: errors as they are, other values as the message of an `Error`. */
export function setThrown(rt: Runtime, slot: number): void {
  const heap = rt.heap
  if (heap.tagOf(slot) === Tag.ERROR) heap.copy(rt.errorSlot, slot)
  else createError(heap, rt.errorSlot, internString(heap, 'Error'), textString(rt, slot))
}

/** `throw v` */
export function throwValue(rt: Runtime, slot: number): never {
  setThrown(rt, slot)
  throw THROWN
}

/** An error value that was not thrown yet; `message` is a slot with a STRING. */
export function makeError(rt: Runtime, dst: number, type: string, message: number): void {
  createError(rt.heap, dst, internString(rt.heap, type), rt.heap.referenceOf(message))
}

/** Whether the error in flight still lacks its place: only then a stack text is worth making. */
export function needsPlace(rt: Runtime): boolean {
  return rt.heap.getPointer(rt.heap.referenceOf(rt.errorSlot) + ErrorLayout.STACK) === 0
}

/**
 * Gives the error in flight its place and stack unless it was thrown before.
 *
 * @param source number of the source text in `Runtime.sources`
 * @param stack the STRING
 */
export function placeError(rt: Runtime, source: number, line: number, column: number, stack: number): void {
  if (!needsPlace(rt)) return
  const { heap } = rt
  setPlace(rt, source, line, column)
  heap.setPointer(heap.referenceOf(rt.errorSlot) + ErrorLayout.STACK, stack)
}

/** Gives the error in flight a place; see `placeError`. */
export function setPlace(rt: Runtime, source: number, line: number, column: number): void {
  const { heap } = rt
  const error = heap.referenceOf(rt.errorSlot)
  heap.I32[(error + ErrorLayout.LINE) >> 2] = line
  heap.I32[(error + ErrorLayout.COLUMN) >> 2] = column
  heap.I32[(error + ErrorLayout.SOURCE) >> 2] = source
}

/** Makes the error that says that memory is out, while there is memory. */
export function reserveError(rt: Runtime): void {
  const { heap } = rt
  const [type, message] = [internString(heap, 'RuntimeError'), internString(heap, MESSAGES.outOfMemory())]
  const error = createError(heap, rt.reservedError, type, message)
  // It has no other stack, whatever happens.
  heap.setPointer(error + ErrorLayout.STACK, internString(heap, ''))
}

/** Raises nothing, but makes the reserved error the one in flight. */
export function useReservedError(rt: Runtime): void {
  rt.heap.copy(rt.errorSlot, rt.reservedError)
}

/** An error's parts, for reports. */
export interface ErrorParts {
  type: string
  message: string
  /** The text that line and column count in. */
  source: SourceText | null
  line: number
  column: number
  stack: string
}

export function errorParts(rt: Runtime, slot: number): ErrorParts {
  const heap = rt.heap
  const error = heap.referenceOf(slot)
  const stack = heap.getPointer(error + ErrorLayout.STACK)
  return {
    type: toJsString(heap, heap.getPointer(error + ErrorLayout.TYPE)),
    message: toJsString(heap, heap.getPointer(error + ErrorLayout.MESSAGE)),
    source: rt.sources[heap.I32[(error + ErrorLayout.SOURCE) >> 2] as number] ?? null,
    line: heap.I32[(error + ErrorLayout.LINE) >> 2] as number,
    column: heap.I32[(error + ErrorLayout.COLUMN) >> 2] as number,
    stack: stack === 0 ? '' : toJsString(heap, stack),
  }
}

/** Whether the type of the error in `slot` has exactly this name. */
export function errorIs(rt: Runtime, slot: number, type: string): boolean {
  const { heap } = rt
  // Both are interned.
  return heap.getPointer(heap.referenceOf(slot) + ErrorLayout.TYPE) === internString(heap, type)
}

/** What a dot reaches on error values: writes the property of the error (its address) to `dst`. */
export const ERROR_PROPERTIES: ReadonlyMap<string, (heap: Heap, error: number, dst: number) => void> =
  new Map([
    ['type', (heap, error, dst) => setStringField(heap, error, dst, ErrorLayout.TYPE)],
    ['message', (heap, error, dst) => setStringField(heap, error, dst, ErrorLayout.MESSAGE)],
    ['line', (heap, error, dst) => heap.setInteger(dst, heap.I32[(error + ErrorLayout.LINE) >> 2] as number)],
    [
      'column',
      (heap, error, dst) => heap.setInteger(dst, heap.I32[(error + ErrorLayout.COLUMN) >> 2] as number),
    ],
    ['stack', (heap, error, dst) => setStringField(heap, error, dst, ErrorLayout.STACK)],
  ])

function setStringField(heap: Heap, error: number, dst: number, field: number): void {
  const text = heap.getPointer(error + field)
  heap.setReference(dst, Tag.STRING, text === 0 ? internString(heap, '') : text)
}

/** `e.name` of an error value. */
export function errorProperty(rt: Runtime, dst: number, slot: number, name: string): void {
  const property = ERROR_PROPERTIES.get(name)
  if (property === undefined) failRuntime(rt, MESSAGES.errorProperty(name))
  property(rt.heap, rt.heap.referenceOf(slot), dst)
}
