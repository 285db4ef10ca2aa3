/** The method cache is emptied whenever a class gets a method: it may hold what that one hides. */
import t from 'tap'
import { Context } from '../../lib/heap/layout.js'
import { createClosure, createFunction } from '../../lib/heap/objects.js'
import { internString } from '../../lib/heap/strings.js'
import { addMethod, createClass, findMethod } from '../../lib/runtime/classes.js'
import {
  cacheMethod,
  METHOD_CACHE_MASK,
  METHOD_CACHE_SHIFT,
  MethodEntry,
  makeMethodCache,
  methodCacheSalt,
} from '../../lib/runtime/method-cache.js'
import { Bench } from './tools.js'

class Classes extends Bench {
  readonly name = internString(this.heap, 'area')
  readonly base = createClass(this.rt, this.slot(null), internString(this.heap, 'Base'), 0, [])

  closure(): number {
    const shape = { index: 0, parameters: 1, method: true }
    const slot = this.slot(null)
    createClosure(this.heap, slot, createFunction(this.heap, shape), 0)
    return this.heap.referenceOf(slot)
  }

  /** What native code finds for `area` of a class: a closure, 0 = there is none, or null = it must ask. */
  look(classObject: number): number | null {
    const { heap } = this
    const offset = ((classObject >>> METHOD_CACHE_SHIFT) ^ methodCacheSalt('area')) & METHOD_CACHE_MASK
    const entry = (heap.I32[Context.METHOD_CACHE >> 2] as number) + offset
    if (heap.I32[(entry + MethodEntry.CLASS) >> 2] !== classObject) return null
    if (heap.I32[(entry + MethodEntry.NAME) >> 2] !== this.name) return null
    return heap.getPointer(entry + MethodEntry.CLOSURE)
  }

  remember(classObject: number): void {
    cacheMethod(this.heap, classObject, this.name, 'area', findMethod(this.rt, classObject, this.name))
  }
}

t.test('a method that a class gets later is found', async (t) => {
  const classes = new Classes()
  makeMethodCache(classes.heap)
  const { base, rt, name } = classes
  t.equal(classes.look(base), null)
  classes.remember(base)
  t.equal(classes.look(base), 0, 'that there is none is remembered, too')
  const first = classes.closure()
  addMethod(rt, base, name, first)
  t.equal(classes.look(base), null)
  classes.remember(base)
  t.equal(classes.look(base), first)
  const second = classes.closure()
  addMethod(rt, base, name, second)
  t.equal(classes.look(base), null)
  classes.remember(base)
  t.equal(classes.look(base), second)
})

t.test('a subclass does not keep the method that its superclass had', async (t) => {
  const classes = new Classes()
  makeMethodCache(classes.heap)
  const { base, rt, name, heap } = classes
  const first = classes.closure()
  addMethod(rt, base, name, first)
  const superSlot = classes.slot(null)
  const derived = createClass(rt, superSlot, internString(heap, 'Derived'), 0, [])
  const lower = createClass(rt, classes.slot(null), internString(heap, 'Lower'), superSlot, [])
  classes.remember(lower)
  t.equal(classes.look(lower), 0)
  const second = classes.closure()
  addMethod(rt, derived, name, second)
  t.equal(classes.look(lower), null)
  classes.remember(lower)
  t.equal(classes.look(lower), second)
})

t.test('without a cache, classes get methods all the same', async (t) => {
  const classes = new Classes()
  const method = classes.closure()
  addMethod(classes.rt, classes.base, classes.name, method)
  t.equal(findMethod(classes.rt, classes.base, classes.name), method)
})
