/** What the builder may ask of the running program. */
import type { Heap } from '../../heap/heap.js'
import {
  ClassLayout,
  ClosureLayout,
  FunctionLayout,
  NEAR_GLOBALS_START,
  SLOT_SIZE,
} from '../../heap/layout.js'
import { internString } from '../../heap/strings.js'
import { builtinIndex } from '../../runtime/builtins/registry.js'
import { fieldNumber, findMethod } from '../../runtime/classes.js'
import type { Runtime } from '../../runtime/runtime.js'
import type { LoadedUnit } from '../../vm/load.js'
import type { LoadedFunction } from '../../vm/loaded-function.js'
import type { World } from '../build/world.js'

/**
 * The world of code of one unit.
 *
 * @param mayCompile whether a function of this name may have native code, its own or as a part of another's
 */
export function runtimeWorld(
  rt: Runtime,
  unit: LoadedUnit,
  functions: readonly LoadedFunction[],
  mayCompile: (name: string) => boolean,
): World {
  const { heap } = rt
  return {
    builtinIndex,
    method: (classAddress, name) => findMethod(rt, classAddress, internString(heap, name)),
    superMethod(home, name) {
      const superclass = heap.getPointer(home + ClassLayout.SUPER)
      return superclass === 0 ? 0 : findMethod(rt, superclass, internString(heap, name))
    },
    functionOf(closure) {
      const number = functionNumber(heap, closure) - unit.firstFunction
      return number >= 0 && number < unit.program.functions.length ? number : -1
    },
    feedbackOf(target) {
      const fn = functions[unit.firstFunction + target]
      return fn !== undefined && mayCompile(fn.name) ? fn.feedback : null
    },
    homeOf: (closure) => heap.getPointer(closure + ClosureLayout.HOME),
    nearGlobals: unit.globals === NEAR_GLOBALS_START,
    globalTag: (slot) => heap.tagOf(unit.globals + slot * SLOT_SIZE),
    nameAddress: (constant) => heap.referenceOf(unit.constants + constant * SLOT_SIZE),
    fieldCount: (classAddress) => heap.I32[(classAddress + ClassLayout.FIELDS) >> 2] as number,
    fieldNumber: (classAddress, name) => fieldNumber(rt, classAddress, internString(heap, name)),
  }
}

function functionNumber(heap: Heap, closure: number): number {
  const record = heap.getPointer(closure + ClosureLayout.FUNCTION)
  return heap.I32[(record + FunctionLayout.INDEX) >> 2] as number
}
