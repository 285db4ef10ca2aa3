/** Instance variables, methods, `new` and `super`: by the classes seen so far, guarded. */
import { hasCall } from '../../bytecode/instructions.js'
import type { BytecodeFunction } from '../../bytecode/program.js'
import { InstanceLayout, SLOT_SIZE, SLOT_TAG, Tag } from '../../heap/layout.js'
import { methodCacheSalt } from '../../runtime/method-cache.js'
import { MANY, NONE, type SiteFeedback } from '../../vm/feedback.js'
import { isStore } from '../ir/effects.js'
import type { Block, Instruction, Value } from '../ir/graph.js'
import { allocate } from './allocation.js'
import { expectArguments } from './arguments.js'
import type { Builder } from './builder.js'
import { callClosure, callKnown, callUnknown } from './calls.js'
import { inlineCall, mayInline } from './inline.js'
import { mayInlinePartly } from './partial-inlining.js'
import { type Abstract, known, UNKNOWN } from './state.js'
import { loadValue, nameOf, storeValue } from './translate.js'

const HEAP_SYMBOL = 'heap:'

/** Words of bytecode of a method that is inlined beside others: most are read-outs of a field. */
const LARGEST_OF_SEVERAL = 40

/** The symbol of a heap object that exists while the code does: the code cache keeps it alive. */
export function heapSymbol(address: number): string {
  return `${HEAP_SYMBOL}${address}`
}

/** The addresses of the objects of the heap among these symbols. */
export function heapObjects(symbols: Iterable<string>): number[] {
  const found = new Set([...symbols].filter((symbol) => symbol.startsWith(HEAP_SYMBOL)))
  return [...found].map((symbol) => Number(symbol.slice(HEAP_SYMBOL.length)))
}

/** The operand as an INSTANCE, if it is one or by feedback should be. */
function expectInstance(b: Builder, value: Abstract, feedback: SiteFeedback): Value | null {
  if (value.tag !== Tag.INSTANCE && !(value.tag === UNKNOWN && feedback.left === 1 << Tag.INSTANCE))
    return null
  return b.expect(value, Tag.INSTANCE, 'notInstance').payload as Value
}

/** Guards that the instance is of the class, unless that is known. */
export function guardClass(b: Builder, instance: Value, classAddress: number): void {
  const { classes } = b.state
  if (classes.get(instance) === classAddress) return
  b.guard('guard.class', [instance], 'otherClass', 0n, heapSymbol(classAddress))
  classes.set(instance, classAddress)
}

/**
 * Makes sure that field number `field` of the operand is the one that the instruction names. In a method, `self`
 * is an object of the method's home class or one below, where it has the same number: only the home is guarded,
 * once. Elsewhere the object's class is.
 */
function guardField(b: Builder, value: Abstract, instance: Value, feedback: SiteFeedback): number {
  const { field } = feedback
  if (field === NONE || field === MANY) return -1
  const name = nameOf(b, b.fn.code[b.position + 1] as number)
  if (b.isSelf(value) && b.home !== 0 && b.input.world.fieldNumber(b.home, name) === field) {
    if (!b.state.homeKnown) {
      b.guard('guard.home', [b.runningClosure()], 'otherHome', 0n, heapSymbol(b.home))
      // A bytecode document may call a method with anything.
      b.guard('guard.fields', [instance], 'otherClass', BigInt(b.input.world.fieldCount(b.home) - 1))
      b.state.homeKnown = true
    }
    return field
  }
  const classAddress = feedback.onlyClass
  if (classAddress === 0) return -1
  guardClass(b, instance, classAddress)
  return field
}

function fieldOffset(field: number): number {
  return InstanceLayout.SLOTS + field * SLOT_SIZE
}

export function translateGetField(b: Builder): boolean {
  const { state } = b
  const feedback = b.feedbackAt(b.position)
  const self = state.operand(0)
  const instance = expectInstance(b, self, feedback)
  if (instance === null) return false
  const field = guardField(b, self, instance, feedback)
  if (field < 0) return false
  const value = loadValue(b, instance, fieldOffset(field), 'fields')
  state.pop()
  state.push(value)
  return true
}

export function translateSetField(b: Builder): boolean {
  const { state } = b
  const feedback = b.feedbackAt(b.position)
  const self = state.operand(0)
  const instance = expectInstance(b, self, feedback)
  if (instance === null) return false
  const field = guardField(b, self, instance, feedback)
  if (field < 0) return false
  storeValue(b, instance, fieldOffset(field), state.operand(1), 'fields')
  state.pop(2)
  return true
}

/** A method call on an instance of one of the classes seen. */
export function translateMethodCall(b: Builder, count: number): boolean {
  const { state } = b
  const { world } = b.input
  const feedback = b.feedbackAt(b.position)
  const receiver = state.operand(count)
  const name = nameOf(b, b.fn.code[b.position + 1] as number)
  if (feedback.manyClasses) return callFound(b, count, receiver, name)
  if (feedback.classes.length === 0) return false
  const closures = feedback.classes.map((classAddress) => world.method(classAddress, name))
  for (const closure of closures) {
    const fn = b.input.program.functions[closure === 0 ? -1 : world.functionOf(closure)]
    if (fn === undefined || !fn.method || fn.parameters.length !== count) return false
  }
  const instance = expectInstance(b, receiver, feedback)
  if (instance === null) return false
  const methods = feedback.classes.map((classAddress, i) => ({
    classAddress,
    closure: closures[i] as number,
  }))
  const size = count + 2
  const few = methods.filter(({ closure }) => methods.length > 1 && mayGainFrom(b, world.functionOf(closure)))
  const others = methods.filter((method) => !few.includes(method))
  // The last class is guarded to be it, and has no test.
  if (others.length === 0) others.push(few.pop() as Method)
  const classOf = methods.length > 1 ? b.load('load', instance, InstanceLayout.CLASS, 'fixed') : instance
  b.buildChoice(
    few.map(
      ({ classAddress }) =>
        () =>
          b.emit('int.eq', [classOf, b.address(heapSymbol(classAddress))]),
    ),
    [
      ...few.map(({ classAddress, closure }) => () => {
        b.state.classes.set(instance, classAddress)
        callMethod(b, size, closure)
      }),
      () => callOneOf(b, size, { instance, classOf }, others),
    ],
  )
  return true
}

/** The method of a class. */
interface Method {
  readonly classAddress: number
  readonly closure: number
}

/** Whether it helps to know that this function is the one that is called: at least a part of it may be inlined. */
function mayGainFrom(b: Builder, target: number): boolean {
  const fn = b.input.program.functions[target] as BytecodeFunction
  if (mayInline(b, fn) && !hasCall(fn.code) && fn.code.length <= LARGEST_OF_SEVERAL) return true
  return mayInlinePartly(b, target, b.position)
}

/** Calls the method of the object's class, which is guarded to be one of these. */
function callOneOf(
  b: Builder,
  size: number,
  { instance, classOf }: { instance: Value; classOf: Value },
  methods: readonly Method[],
): void {
  const last = methods[methods.length - 1] as Method
  if (methods.length === 1) {
    guardClass(b, instance, last.classAddress)
    return callMethod(b, size, last.closure)
  }
  let chosen: Value = b.address(heapSymbol(last.closure))
  let isLast: Value = b.address(heapSymbol(last.classAddress))
  for (const { classAddress, closure } of methods.slice(0, -1)) {
    const classSymbol = b.address(heapSymbol(classAddress))
    chosen = b.emit('int.select', [classOf, classSymbol, b.address(heapSymbol(closure)), chosen])
    isLast = b.emit('int.select', [classOf, classSymbol, classOf, isLast])
  }
  // `isLast` is the object's own class if it is any of them.
  b.guard('guard.eq', [classOf, isLast], 'otherClass')
  const { world } = b.input
  callClosure(b, size, chosen, [...new Set(methods.map(({ closure }) => world.functionOf(closure)))])
}

/** Calls the method that is this closure on an instance that certainly has it. */
function callMethod(b: Builder, size: number, closureAddress: number): void {
  const { world } = b.input
  const closure = b.address(heapSymbol(closureAddress))
  callKnown(b, size, {
    target: world.functionOf(closureAddress),
    closure,
    home: world.homeOf(closureAddress),
  })
}

/** A method call on an instance of any class: the method cache tells. */
function callFound(b: Builder, count: number, receiver: Abstract, name: string): boolean {
  const constant = b.fn.code[b.position + 1] as number
  const nameAddress = b.input.world.nameAddress(constant)
  if (nameAddress === 0) return false
  const instance = expectInstance(b, receiver, b.feedbackAt(b.position))
  if (instance === null) return false
  const classOf = b.load('load', instance, InstanceLayout.CLASS, 'fixed')
  const closure = b.emit('method.find', [classOf], BigInt(methodCacheSalt(name)))
  closure.symbol = heapSymbol(nameAddress)
  closure.snapshot = b.snapshot(null)
  b.guard('guard.nonzero', [closure], 'noMethod')
  callUnknown(b, count + 2, closure)
  return true
}

/** `super(...)`: the home class of the running method decides, which is guarded. */
export function translateSuperCall(b: Builder, count: number): boolean {
  const { world, program } = b.input
  if (b.home === 0) return false
  const closure = world.superMethod(b.home, nameOf(b, b.fn.code[b.position + 1] as number))
  const fn = program.functions[closure === 0 ? -1 : world.functionOf(closure)]
  if (fn === undefined || !fn.method || fn.parameters.length !== count) return false
  if (!b.state.superKnown) {
    b.guard('guard.home', [b.runningClosure()], 'otherHome', 0n, heapSymbol(b.home))
    b.state.superKnown = true
  }
  const callee = {
    target: world.functionOf(closure),
    closure: b.address(heapSymbol(closure)),
    home: world.homeOf(closure),
  }
  if (expectFields(b, b.state.operand(count), callee.home)) callKnown(b, count + 2, callee)
  else callClosure(b, count + 2, callee.closure, [callee.target])
  return true
}

/** Makes sure that inlined code of a method of this class finds its instance variables, unless that has failed before. */
function expectFields(b: Builder, self: Abstract, classAddress: number): boolean {
  if (b.isSelf(self) && b.state.homeKnown && self.tag === Tag.INSTANCE) return true
  if (b.input.feedback.get(b.position)?.generic) return false
  if (self.tag !== Tag.INSTANCE && self.tag !== UNKNOWN) return false
  const instance = b.expect(self, Tag.INSTANCE, 'notInstance').payload as Value
  const fields = b.input.world.fieldCount(classAddress)
  if (fields > 0) b.guard('guard.fields', [instance], 'otherClass', BigInt(fields - 1))
  return true
}

/** Two reserved slots, the class, arguments -> the object, `initialize`'s result. */
export function translateNew(b: Builder, count: number): boolean {
  const { state } = b
  const { world, program } = b.input
  const classAddress = b.feedbackAt(b.position).onlyClass
  if (classAddress === 0) return false
  const closure = world.method(classAddress, 'initialize')
  if (
    closure === 0 ? count !== 0 : program.functions[world.functionOf(closure)]?.parameters.length !== count
  ) {
    return false
  }
  const size = InstanceLayout.SLOTS + world.fieldCount(classAddress) * SLOT_SIZE
  if (!allocate.fits(size)) return false
  const value = state.operand(count)
  if (value.tag !== Tag.CLASS && value.tag !== UNKNOWN) return false
  const classValue = b.expect(value, Tag.CLASS, 'notClass').payload as Value
  b.guard('guard.ref', [classValue], 'otherClass', 0n, heapSymbol(classAddress))
  if (closure === 0) {
    const { object } = newInstance(b, classAddress, classValue)
    state.set(state.size - count - 3, known(Tag.INSTANCE, object))
    state.pop(2)
    state.push(known(Tag.NULL, null))
    return true
  }
  if (inlineInitialize(b, count, classAddress, classValue, closure)) return true
  // What leaves here still finds the class where `self` will be.
  expectArguments(b, [world.functionOf(closure)], b.state.size - count - 1, 1)
  const { object } = newInstance(b, classAddress, classValue)
  putInstance(b, count, object)
  callClosure(b, count + 2, b.address(heapSymbol(closure)), [world.functionOf(closure)])
  return true
}

/** A new object where the result will be, and as the `self` of its `initialize`. */
function putInstance({ state }: Builder, count: number, object: Value): void {
  const instance = known(Tag.INSTANCE, object)
  state.set(state.size - count - 3, instance)
  state.set(state.size - count - 1, instance)
}

interface NewInstance {
  readonly object: Instruction
  /** The stores that make its fields null, in their order. */
  readonly nulls: readonly Instruction[]
}

function newInstance(b: Builder, classAddress: number, classValue: Value): NewInstance {
  const fields = b.input.world.fieldCount(classAddress)
  const object = allocate(b, Tag.INSTANCE, InstanceLayout.SLOTS + fields * SLOT_SIZE, true)
  b.emit('store32', [object, b.int(fields)], BigInt(InstanceLayout.FIELDS))
  b.emit('store', [object, classValue], BigInt(InstanceLayout.CLASS))
  const nulls = Array.from({ length: fields }, (_, field) => {
    const store = b.emit('store', [object, b.int(Tag.NULL)], BigInt(fieldOffset(field) + SLOT_TAG))
    store.memory = 'fields'
    return store
  })
  b.state.classes.set(object, classAddress)
  return { object, nulls }
}

/**
 * Makes an object whose `initialize` is inlined. Ways out of that go back to where there is no object yet.
 * @returns whether that was possible; otherwise nothing has changed
 */
function inlineInitialize(
  b: Builder,
  count: number,
  classAddress: number,
  classValue: Value,
  closureAddress: number,
): boolean {
  const { world } = b.input
  const before = b.site === null ? b.snapshot(null) : null
  const undo = b.savePoint()
  const { object, nulls } = newInstance(b, classAddress, classValue)
  const first = b.block
  putInstance(b, count, object)
  const closure = b.address(heapSymbol(closureAddress))
  const callee = { target: world.functionOf(closureAddress), closure, home: world.homeOf(closureAddress) }
  if (!inlineCall(b, count + 2, callee, before)) {
    undo()
    return false
  }
  const needed = neededNulls(b, first, object, nulls)
  first.instructions = first.instructions.filter(
    (instruction) => !nulls.includes(instruction) || needed.has(instruction),
  )
  return true
}

/**
 * Of the stores that make fields of a new object null, those that the code behind them, up to the present block, does
 * not make superfluous: it may read the field, or leave it as it is on some way.
 */
function neededNulls(
  b: Builder,
  first: Block,
  object: Instruction,
  nulls: readonly Instruction[],
): ReadonlySet<Instruction> {
  const needed = new Set(nulls)
  const isRead = new Set<bigint>()
  for (let block = first; ; ) {
    for (const instruction of block.instructions) {
      const { info, args, imm } = instruction
      if (!args.includes(object) || nulls.includes(instruction)) continue
      const stores = isStore(instruction)
      // Others may see the object from here on.
      if (!(stores || info.kind === 'load') || args.lastIndexOf(object) > 0) return needed
      if (!stores) isRead.add(imm)
      for (const store of nulls) if (stores && store.imm === imm && !isRead.has(imm)) needed.delete(store)
    }
    if (block === b.block) return needed
    const [next, ...others] = block.terminator.targets
    if (next === undefined || others.length > 0) return needed
    block = next.block
  }
}
