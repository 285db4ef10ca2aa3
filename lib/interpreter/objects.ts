/** Class statements and instance variables. */
import { SLOT_SIZE, Tag } from '../heap/layout.js'
import { fieldAddress, instanceClass } from '../heap/objects.js'
import { internString } from '../heap/strings.js'
import { addMethod, createClass, fieldNumber } from '../runtime/classes.js'
import { failRuntime, MESSAGES } from '../runtime/errors.js'
import type { Runtime } from '../runtime/runtime.js'
import { type Code, Completion, LocatedCode } from './code.js'

export interface MethodCode {
  name: string
  closure: Code
}

/** Makes a class; the assignment to its name is a node around this one. */
export class ClassCode extends LocatedCode {
  private readonly name: number
  private readonly methods: readonly { name: number; closure: Code }[]

  constructor(
    rt: Runtime,
    position: number,
    name: string,
    private readonly superclass: Code | null,
    private readonly fields: readonly string[],
    methods: readonly MethodCode[],
  ) {
    super(rt, position)
    const { heap } = rt
    this.name = internString(heap, name)
    this.methods = methods.map(({ name, closure }) => ({ name: internString(heap, name), closure }))
    if (superclass !== null) this.uses(superclass)
    for (const { closure } of methods) this.uses(closure, 1)
  }

  override evaluate(base: number, dst: number): Completion {
    const { heap, rt, superclass } = this
    if (superclass !== null) {
      const completion = superclass.evaluate(base, dst)
      if (completion !== Completion.NORMAL) return completion
    }
    this.stand(superclass === null ? dst : dst + SLOT_SIZE)
    const object = createClass(rt, dst, this.name, superclass === null ? 0 : dst, this.fields)
    for (const { name, closure } of this.methods) {
      closure.evaluate(base, dst + SLOT_SIZE)
      this.stand(dst + 2 * SLOT_SIZE)
      addMethod(rt, object, name, heap.referenceOf(dst + SLOT_SIZE))
    }
    return Completion.NORMAL
  }
}

/** `@name`: a variable of the object that is the value of the method's `self`. */
abstract class Field extends LocatedCode {
  private readonly nameString: number

  constructor(
    rt: Runtime,
    position: number,
    private readonly name: string,
    protected readonly self: Code,
  ) {
    super(rt, position)
    this.nameString = internString(rt.heap, name)
  }

  /** The address of the variable in the object in the slot `self`. */
  protected address(self: number): number {
    const { heap, rt } = this
    if (heap.tagOf(self) === Tag.INSTANCE) {
      const instance = heap.referenceOf(self)
      const number = fieldNumber(rt, instanceClass(heap, instance), this.nameString)
      if (number >= 0) return fieldAddress(instance, number)
    }
    failRuntime(rt, MESSAGES.fieldOutsideObject(this.name))
  }
}

export class FieldRead extends Field {
  constructor(rt: Runtime, position: number, name: string, self: Code) {
    super(rt, position, name, self)
    this.uses(self)
  }

  override evaluate(base: number, dst: number): Completion {
    this.self.evaluate(base, dst)
    this.stand(dst + SLOT_SIZE)
    this.heap.copy(dst, this.address(dst))
    return Completion.NORMAL
  }
}

export class FieldWrite extends Field {
  constructor(
    rt: Runtime,
    position: number,
    name: string,
    self: Code,
    private readonly value: Code,
  ) {
    super(rt, position, name, self)
    this.uses(value)
    this.uses(self, 1)
  }

  override evaluate(base: number, dst: number): Completion {
    const completion = this.value.evaluate(base, dst)
    if (completion !== Completion.NORMAL) return completion
    const self = dst + SLOT_SIZE
    this.self.evaluate(base, self)
    this.stand(self + SLOT_SIZE)
    this.heap.copy(this.address(self), dst)
    return Completion.NORMAL
  }
}
