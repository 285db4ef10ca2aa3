/**
 * The loop around the run loop: what that leaves for (`makeFastLoop`), from operands without a fast path to calls
 * of built-in functions. All state that the run loop has is written to `rt` before anything here that may
 * collect, raise or call back.
 */
import { OPCODES, Opcode } from '../bytecode/opcodes.js'
import { ClosureLayout, Context, FunctionLayout, Slot, Tag } from '../heap/layout.js'
import { callBuiltin } from '../runtime/builtins/registry.js'
import { safepoint } from '../runtime/safepoint.js'
import { execute } from './execute.js'
import { makeFastPaths, Sameness } from './fast-paths.js'
import { OBSERVED } from './loaded-function.js'
import { LoopState, makeFastLoop } from './run-loop.js'
import type { Vm } from './vm.js'

/** The value of `base` while native code runs: then `rt` is kept current by the driver. */
const OUTSIDE = -1

/** Calls and loop passes between two returns of the loop, while V8 still watches and later. */
const COLD_FUEL = 2000
const WARM_FUEL = 100_000
const WARM_SLICES = 200
const LENGTHS: readonly number[] = OPCODES.map((info) => info.operands.length + 1)

/**
 * Makes the loop of one VM. It comes back to its caller every now and then, when its fuel is used up.
 * @returns a function that runs from the VM's resume point; true when the frame at `hostBase` has
 *   returned, false when it wants to be called again
 */
export function makeRunLoop(vm: Vm): (hostBase: number) => boolean {
  let slices = 0

  const { rt } = vm
  const { heap } = rt
  const { I32, stress } = heap
  const state = new LoopState()
  const fastLoop = makeFastLoop(heap, state)
  const { same, ordered, element } = makeFastPaths(heap)

  return function runLoop(hostBase: number): boolean {
    /** Calls and loop passes that are left. */
    let fuel = slices < WARM_SLICES ? COLD_FUEL : WARM_FUEL
    if (vm.fuel > 0) fuel = vm.fuel | 0
    slices++
    let base = vm.base | 0
    let sp = vm.sp | 0
    let start = vm.functionAt(base).start | 0
    let pc = (start + vm.pc) | 0
    let position = vm.pc | 0
    let word = I32[pc] as number
    try {
      for (;;) {
        // The run loop allocates nothing: if there is nothing to collect now, it need not ask. Else the next safepoint is here.
        const collects = mustCollect()
        state.fuel = collects ? 0 : fuel
        state.base = base
        state.sp = sp
        state.pc = pc
        state.start = start
        const opcode = fastLoop(word)
        if (!collects) fuel = state.fuel | 0
        base = state.base | 0
        sp = state.sp | 0
        pc = state.pc | 0
        start = state.start | 0
        position = (pc - start) | 0
        rt.base = base
        rt.position = position
        rt.top = sp
        switch (opcode) {
          // biome-ignore lint/suspicious/noFallthroughSwitchClause: the usual built-in function, or else the general way
          case Opcode.Call: {
            const count = I32[pc + 1] as number
            const callee = sp - ((count + 1) << Slot.SHIFT)
            if (I32[(callee + Slot.TAG) >> 2] === Tag.BUILTIN) {
              if (mustCollect()) safepoint(rt)
              callBuiltin(rt, I32[callee >> 2] as number, callee + Slot.SIZE, count, callee)
              sp = (callee + Slot.SIZE) | 0
              pc = (pc + 3) | 0
              break
            }
          }
          case Opcode.CallMethod:
          case Opcode.New:
          case Opcode.CallSuper: {
            if (mustCollect()) safepoint(rt)
            const callee = vm.prepare(opcode, base, position, sp)
            if (callee === 0) {
              // Done already; the result is on the top of the stack that is left.
              sp = vm.sp | 0
              pc = (pc + (LENGTHS[opcode] as number)) | 0
              break
            }
            const caller = base
            base = OUTSIDE
            if (!vm.enterFrame(callee + Slot.SIZE, caller, position, hostBase)) return true
            base = vm.base | 0
            sp = vm.sp | 0
            start = vm.functionAt(base).start | 0
            pc = (start + vm.pc) | 0
            fuel = (fuel - 1) | 0
            if (fuel > 0) break
            vm.goOn(base, pc - start, sp)
            return false
          }
          case Opcode.Return: {
            const closure = I32[(base - Slot.SIZE) >> 2] as number
            const record = I32[(closure + ClosureLayout.FUNCTION) >> 2] as number
            const charge = I32[(record + FunctionLayout.CHARGE) >> 2] as number
            I32[Context.DEPTH >> 2] = (I32[Context.DEPTH >> 2] as number) + charge
            heap.copy(base - Slot.SIZE, sp - Slot.SIZE)
            const returned = base
            base = OUTSIDE
            if (!vm.returnAcross(returned, hostBase)) return true
            base = vm.base | 0
            sp = vm.sp | 0
            start = vm.functionAt(base).start | 0
            pc = (start + vm.pc) | 0
            break
          }
          case Opcode.Loop:
            if (mustCollect()) safepoint(rt)
            pc = (start + (I32[pc + 1] as number)) | 0
            fuel = (fuel - 1) | 0
            if (fuel > 0) break
            vm.goOn(base, pc - start, sp)
            vm.atLoop = true
            return false
          case Opcode.Throw:
            vm.raise(sp - Slot.SIZE)
            return false
          case Opcode.Equal:
          case Opcode.NotEqual:
          case Opcode.Less:
          case Opcode.Greater:
          case Opcode.LessEqual:
          case Opcode.GreaterEqual: {
            const to = sp - 2 * Slot.SIZE
            const comparison = compare(opcode, to, sp - Slot.SIZE)
            if (comparison === Sameness.UNKNOWN) execute(rt, vm.functionAt(base), position, base, sp)
            else {
              I32[to >> 2] = comparison === Sameness.SAME ? 1 : 0
              I32[(to >> 2) + 1] = 0
              I32[(to + Slot.TAG) >> 2] = Tag.BOOLEAN
            }
            sp = (sp - Slot.SIZE) | 0
            pc = (pc + 1) | 0
            break
          }
          case Opcode.GetIndex: {
            const to = sp - 2 * Slot.SIZE
            if (!element(to, sp - Slot.SIZE, to)) execute(rt, vm.functionAt(base), position, base, sp)
            sp = (sp - Slot.SIZE) | 0
            pc = (pc + 1) | 0
            break
          }
          default:
            if (opcode >= OBSERVED) {
              vm.observer(vm.functionAt(base), position, base, sp)
              word = opcode - OBSERVED
              continue
            }
            sp = execute(rt, vm.functionAt(base), position, base, sp) | 0
            pc = (pc + (LENGTHS[opcode] as number)) | 0
        }
        word = I32[pc] as number
      }
    } catch (error) {
      if (base !== OUTSIDE) {
        rt.base = base
        rt.position = position
        rt.top = sp
      }
      throw error
    }
  }

  function mustCollect(): boolean {
    return stress || (I32[Context.ALLOCATED >> 2] as number) > (I32[Context.ALLOCATION_LIMIT >> 2] as number)
  }

  function compare(opcode: number, x: number, y: number): Sameness {
    if (opcode === Opcode.Equal) return same(x, y)
    if (opcode === Opcode.NotEqual) {
      const sameness = same(x, y)
      return sameness === Sameness.UNKNOWN ? sameness : 1 - sameness
    }
    if (I32[(x + Slot.TAG) >> 2] !== Tag.STRING || I32[(y + Slot.TAG) >> 2] !== Tag.STRING)
      return Sameness.UNKNOWN
    return ordered(opcode, x, y) ? Sameness.SAME : Sameness.DIFFERENT
  }
}
