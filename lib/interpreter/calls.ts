/** Calls: of functions, of methods, of constructors, of the superclass's method. */
import { ClosureLayout, SLOT_SIZE, Tag } from '../heap/layout.js'
import { internString } from '../heap/strings.js'
import { classIn, findMethod, instanceMethod, instantiate, superMethod } from '../runtime/classes.js'
import { failRuntime, MESSAGES } from '../runtime/errors.js'
import { constructInNamespace } from '../runtime/namespaces.js'
import { callMethod } from '../runtime/properties.js'
import { safepoint } from '../runtime/safepoint.js'
import { type Code, Completion, evaluateInOrder, LocatedCode } from './code.js'
import type { Interpreter } from './interpreter.js'

/**
 * What calls have in common. A call needs consecutive slots: the callee, `self` for methods, and the
 * arguments; the result replaces the callee.
 */
abstract class CallCode extends LocatedCode {
  constructor(
    protected readonly interpreter: Interpreter,
    position: number,
    protected readonly list: readonly Code[],
  ) {
    super(interpreter.rt, position)
  }
}

/** `callee(arguments)` */
export class Call extends CallCode {
  constructor(
    interpreter: Interpreter,
    position: number,
    private readonly callee: Code,
    list: readonly Code[],
  ) {
    super(interpreter, position, list)
    this.uses(callee)
    this.usesInOrder(list, 1)
    // A bound method's `self` goes between callee and arguments.
    this.slots = Math.max(this.slots, list.length + 2)
  }

  override evaluate(base: number, dst: number): Completion {
    const { list } = this
    let completion = this.callee.evaluate(base, dst)
    if (completion !== Completion.NORMAL) return completion
    completion = evaluateInOrder(list, base, dst + SLOT_SIZE)
    if (completion !== Completion.NORMAL) return completion
    this.stand(dst + (list.length + 1) * SLOT_SIZE)
    this.interpreter.call(dst, list.length)
    return Completion.NORMAL
  }
}

/** `receiver.name(arguments)` */
export class MethodCall extends CallCode {
  /** The name's STRING, which is interned and so never freed. */
  private readonly nameString: number

  constructor(
    interpreter: Interpreter,
    position: number,
    private readonly receiver: Code,
    private readonly name: string,
    list: readonly Code[],
  ) {
    super(interpreter, position, list)
    this.nameString = internString(this.heap, name)
    this.uses(receiver, 1)
    this.usesInOrder(list, 2)
  }

  override evaluate(base: number, dst: number): Completion {
    const { heap, rt, list } = this
    const receiver = dst + SLOT_SIZE
    heap.setNull(dst)
    let completion = this.receiver.evaluate(base, receiver)
    if (completion !== Completion.NORMAL) return completion
    completion = evaluateInOrder(list, base, receiver + SLOT_SIZE)
    if (completion !== Completion.NORMAL) return completion
    this.stand(receiver + (list.length + 1) * SLOT_SIZE)
    if (heap.tagOf(receiver) === Tag.INSTANCE) {
      heap.setReference(dst, Tag.CLOSURE, instanceMethod(rt, heap.referenceOf(receiver), this.nameString))
      this.interpreter.callClosure(dst, list.length + 1, MESSAGES.argumentCount)
    } else {
      safepoint(rt)
      callMethod(rt, dst, receiver, this.name, receiver + SLOT_SIZE, list.length)
    }
    return Completion.NORMAL
  }
}

/** `class.new(arguments)`: makes an object, runs its `initialize` and ignores what that returns. */
export class New extends CallCode {
  private readonly initialize: number

  constructor(
    interpreter: Interpreter,
    position: number,
    private readonly callee: Code,
    list: readonly Code[],
  ) {
    super(interpreter, position, list)
    this.initialize = internString(this.heap, 'initialize')
    this.uses(callee, 2)
    this.usesInOrder(list, 3)
  }

  override evaluate(base: number, dst: number): Completion {
    const { heap, rt, list } = this
    // The slots: the object; `initialize`; the class, later `self`; the arguments.
    const method = dst + SLOT_SIZE
    const self = method + SLOT_SIZE
    heap.setNull(dst)
    heap.setNull(method)
    let completion = this.callee.evaluate(base, self)
    if (completion !== Completion.NORMAL) return completion
    completion = evaluateInOrder(list, base, self + SLOT_SIZE)
    if (completion !== Completion.NORMAL) return completion
    this.stand(self + (list.length + 1) * SLOT_SIZE)
    if (constructInNamespace(rt, dst, self, self + SLOT_SIZE, list.length)) return Completion.NORMAL
    const classObject = classIn(rt, self)
    const closure = findMethod(rt, classObject, this.initialize)
    instantiate(rt, dst, classObject)
    if (closure !== 0) {
      heap.setReference(method, Tag.CLOSURE, closure)
      heap.copy(self, dst)
      this.interpreter.callClosure(method, list.length + 1, MESSAGES.initializeCount)
    } else if (list.length > 0) {
      failRuntime(rt, MESSAGES.initializeCount(0, list.length))
    }
    return Completion.NORMAL
  }
}

/** `super(arguments)`: the method of the same name above the class whose text this is. */
export class SuperCall extends CallCode {
  private readonly nameString: number

  /** @param name the name of the method around */
  constructor(
    interpreter: Interpreter,
    position: number,
    private readonly self: Code,
    name: string,
    list: readonly Code[],
  ) {
    super(interpreter, position, list)
    this.nameString = internString(this.heap, name)
    this.uses(self, 1)
    this.usesInOrder(list, 2)
  }

  override evaluate(base: number, dst: number): Completion {
    const { heap, list } = this
    const self = dst + SLOT_SIZE
    heap.setNull(dst)
    let completion = this.self.evaluate(base, self)
    if (completion !== Completion.NORMAL) return completion
    completion = evaluateInOrder(list, base, self + SLOT_SIZE)
    if (completion !== Completion.NORMAL) return completion
    this.stand(self + (list.length + 1) * SLOT_SIZE)
    const home = heap.getPointer(heap.referenceOf(base - SLOT_SIZE) + ClosureLayout.HOME)
    heap.setReference(dst, Tag.CLOSURE, superMethod(this.rt, home, this.nameString))
    this.interpreter.callClosure(dst, list.length + 1, MESSAGES.superCount)
    return Completion.NORMAL
  }
}
