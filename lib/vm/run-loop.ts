/**
 * The VM's loop: fast paths for the usual operands of each instruction; whatever does not fit falls to
 * `execute`. Locals hold the state; it is written to `rt` before anything that may collect, raise or
 * call back, and when an error passes through.
 *
 * Payloads are copied as 64-bit words only: a 64-bit load behind two 32-bit stores to the same place
 * stalls the processor (store forwarding fails), which made the loop three times slower.
 */
import { OPCODES, Opcode } from '../bytecode/opcodes.js'
import {
  ArrayLayout,
  CellLayout,
  ClosureLayout,
  Context,
  FunctionLayout,
  InstanceLayout,
  Slot,
  Tag,
} from '../heap/layout.js'
import { Frame } from '../runtime/frames.js'
import { safepoint } from '../runtime/safepoint.js'
import { execute } from './execute.js'
import { Fused } from './superinstructions.js'
import type { Vm } from './vm.js'

/** The value of `base` while native code runs: then `rt` is kept current by the driver. */
const enum Outside {
  BASE = -1,
}

/** Calls and loop passes between two returns of the loop, while V8 still watches and later. */
const COLD_FUEL = 2000
const WARM_FUEL = 100_000
const WARM_SLICES = 200
const LENGTHS: readonly number[] = OPCODES.map((info) => info.operands.length + 1)

/**
 * Makes the loop of one VM. It is a closure over the heap's views, and it comes back to its caller every
 * now and then (when its fuel is used up) to be called again: V8 embeds what a closure captures as
 * constants in the code of a function that is entered by a call, but not in code entered in the middle of
 * a loop (on-stack replacement). That makes the loop more than twice as fast.
 *
 * Code is fetched from the heap too (`LoadedFunction.start`): `pc` is a word index in it.
 * @returns a function that runs from the VM's resume point; true when the frame at `hostBase` has
 *   returned, false when it wants to be called again
 */
export function makeRunLoop(vm: Vm): (hostBase: number) => boolean {
  let slices = 0

  const { rt } = vm
  const { heap } = rt
  const { I32, F64, I64, stress } = heap

  return function runLoop(hostBase: number): boolean {
    let base = vm.base | 0
    let sp = vm.sp | 0
    let fuel = slices < WARM_SLICES ? COLD_FUEL : WARM_FUEL
    if (vm.fuel > 0) fuel = vm.fuel
    slices++
    let start = vm.functionAt(base).start | 0
    let pc = (start + vm.pc) | 0
    try {
      next: for (;;) {
        let opcode = I32[pc] as number
        for (;;) {
          switch (opcode) {
            case Opcode.Integer:
            case Opcode.Constant: {
              const from = (I32[pc + 1] as number) >> 2
              const to = sp >> 2
              I64[to >> 1] = I64[from >> 1] as bigint
              I32[to + 2] = I32[from + 2] as number
              sp = (sp + Slot.SIZE) | 0
              pc = (pc + 2) | 0
              continue next
            }
            case Opcode.Null:
              I32[(sp >> 2) + 2] = Tag.NULL
              sp = (sp + Slot.SIZE) | 0
              pc = (pc + 1) | 0
              continue next
            case Opcode.True:
            case Opcode.False: {
              const to = sp >> 2
              I32[to] = opcode === Opcode.True ? 1 : 0
              I32[to + 1] = 0
              I32[to + 2] = Tag.BOOLEAN
              sp = (sp + Slot.SIZE) | 0
              pc = (pc + 1) | 0
              continue next
            }
            case Opcode.Pop:
              sp = (sp - Slot.SIZE) | 0
              pc = (pc + 1) | 0
              continue next
            case Opcode.Dup: {
              const to = sp >> 2
              I64[to >> 1] = I64[(to >> 1) - 2] as bigint
              I32[to + 2] = I32[to - 2] as number
              sp = (sp + Slot.SIZE) | 0
              pc = (pc + 1) | 0
              continue next
            }
            case Opcode.GetLocal: {
              const from = (base + (I32[pc + 1] as number)) >> 2
              const to = sp >> 2
              I64[to >> 1] = I64[from >> 1] as bigint
              I32[to + 2] = I32[from + 2] as number
              sp = (sp + Slot.SIZE) | 0
              pc = (pc + 2) | 0
              continue next
            }
            case Opcode.SetLocal: {
              const to = (base + (I32[pc + 1] as number)) >> 2
              sp = (sp - Slot.SIZE) | 0
              const from = sp >> 2
              I64[to >> 1] = I64[from >> 1] as bigint
              I32[to + 2] = I32[from + 2] as number
              pc = (pc + 2) | 0
              continue next
            }
            case Opcode.GetGlobal: {
              const from = (I32[pc + 1] as number) >> 2
              const tag = I32[from + 2] as number
              if (tag === Tag.EMPTY) break
              const to = sp >> 2
              I64[to >> 1] = I64[from >> 1] as bigint
              I32[to + 2] = tag
              sp = (sp + Slot.SIZE) | 0
              pc = (pc + 2) | 0
              continue next
            }
            case Opcode.SetGlobal: {
              const to = (I32[pc + 1] as number) >> 2
              sp = (sp - Slot.SIZE) | 0
              const from = sp >> 2
              I64[to >> 1] = I64[from >> 1] as bigint
              I32[to + 2] = I32[from + 2] as number
              pc = (pc + 2) | 0
              continue next
            }
            case Opcode.GetUpvalue: {
              const closure = I32[(base - Slot.SIZE) >> 2] as number
              const index = I32[pc + 1] as number
              const cell = I32[(closure + ClosureLayout.CELLS + index * 8) >> 2] as number
              const from = (cell + CellLayout.VALUE) >> 2
              const tag = I32[from + 2] as number
              if (tag === Tag.EMPTY) break
              const to = sp >> 2
              I64[to >> 1] = I64[from >> 1] as bigint
              I32[to + 2] = tag
              sp = (sp + Slot.SIZE) | 0
              pc = (pc + 3) | 0
              continue next
            }
            case Opcode.Add: {
              const x = (sp - 2 * Slot.SIZE) | 0
              const y = (sp - Slot.SIZE) | 0
              const tags = ((I32[(x >> 2) + 2] as number) << 8) | (I32[(y >> 2) + 2] as number)
              if (tags === ((Tag.INTEGER << 8) | Tag.INTEGER))
                I64[x >> 3] = (I64[x >> 3] as bigint) + (I64[y >> 3] as bigint)
              else if (tags === ((Tag.FLOAT << 8) | Tag.FLOAT))
                F64[x >> 3] = (F64[x >> 3] as number) + (F64[y >> 3] as number)
              else break
              sp = y
              pc = (pc + 1) | 0
              continue next
            }
            case Opcode.Subtract: {
              const x = (sp - 2 * Slot.SIZE) | 0
              const y = (sp - Slot.SIZE) | 0
              const tags = ((I32[(x >> 2) + 2] as number) << 8) | (I32[(y >> 2) + 2] as number)
              if (tags === ((Tag.INTEGER << 8) | Tag.INTEGER))
                I64[x >> 3] = (I64[x >> 3] as bigint) - (I64[y >> 3] as bigint)
              else if (tags === ((Tag.FLOAT << 8) | Tag.FLOAT))
                F64[x >> 3] = (F64[x >> 3] as number) - (F64[y >> 3] as number)
              else break
              sp = y
              pc = (pc + 1) | 0
              continue next
            }
            case Opcode.Multiply: {
              const x = (sp - 2 * Slot.SIZE) | 0
              const y = (sp - Slot.SIZE) | 0
              const tags = ((I32[(x >> 2) + 2] as number) << 8) | (I32[(y >> 2) + 2] as number)
              if (tags === ((Tag.INTEGER << 8) | Tag.INTEGER))
                I64[x >> 3] = (I64[x >> 3] as bigint) * (I64[y >> 3] as bigint)
              else if (tags === ((Tag.FLOAT << 8) | Tag.FLOAT))
                F64[x >> 3] = (F64[x >> 3] as number) * (F64[y >> 3] as number)
              else break
              sp = y
              pc = (pc + 1) | 0
              continue next
            }
            case Opcode.Less:
            case Opcode.Greater:
            case Opcode.LessEqual:
            case Opcode.GreaterEqual:
            case Opcode.Equal:
            case Opcode.NotEqual: {
              const x = (sp - 2 * Slot.SIZE) | 0
              const y = (sp - Slot.SIZE) | 0
              const tags = ((I32[(x >> 2) + 2] as number) << 8) | (I32[(y >> 2) + 2] as number)
              let result: boolean
              if (tags === ((Tag.INTEGER << 8) | Tag.INTEGER)) {
                const left = I64[x >> 3] as bigint
                const right = I64[y >> 3] as bigint
                if (opcode === Opcode.Less) result = left < right
                else if (opcode === Opcode.Greater) result = left > right
                else if (opcode === Opcode.LessEqual) result = left <= right
                else if (opcode === Opcode.GreaterEqual) result = left >= right
                else result = (left === right) === (opcode === Opcode.Equal)
              } else if (tags === ((Tag.FLOAT << 8) | Tag.FLOAT)) {
                const left = F64[x >> 3] as number
                const right = F64[y >> 3] as number
                if (opcode === Opcode.Less) result = left < right
                else if (opcode === Opcode.Greater) result = left > right
                else if (opcode === Opcode.LessEqual) result = left <= right
                else if (opcode === Opcode.GreaterEqual) result = left >= right
                else result = (left === right) === (opcode === Opcode.Equal)
              } else break
              pc = (pc + 1) | 0
              if (I32[pc] === Opcode.JumpIfFalse) {
                sp = x
                pc = result ? (pc + 2) | 0 : ((start + I32[pc + 1]) as number) | 0
                continue next
              }
              const to = x >> 2
              I32[to] = result ? 1 : 0
              I32[to + 1] = 0
              I32[to + 2] = Tag.BOOLEAN
              sp = y
              continue next
            }
            case Opcode.Jump:
              pc = (start + (I32[pc + 1] as number)) | 0
              continue next
            case Opcode.Loop:
              if (
                (I32[Context.ALLOCATED >> 2] as number) > (I32[Context.ALLOCATION_LIMIT >> 2] as number) ||
                stress
              ) {
                rt.base = base
                rt.position = pc - start
                rt.top = sp
                safepoint(rt)
              }
              pc = (start + (I32[pc + 1] as number)) | 0
              if (--fuel > 0) continue next
              vm.goOn(base, pc - start, sp)
              vm.atLoop = true
              return false
            case Opcode.JumpIfFalse: {
              sp = (sp - Slot.SIZE) | 0
              const tag = I32[(sp >> 2) + 2] as number
              const falsy = tag === Tag.NULL || (tag === Tag.BOOLEAN && I32[sp >> 2] === 0)
              pc = falsy ? ((start + I32[pc + 1]) as number) | 0 : (pc + 2) | 0
              continue next
            }
            case Opcode.JumpIfTrue: {
              sp = (sp - Slot.SIZE) | 0
              const tag = I32[(sp >> 2) + 2] as number
              const falsy = tag === Tag.NULL || (tag === Tag.BOOLEAN && I32[sp >> 2] === 0)
              pc = falsy ? (pc + 2) | 0 : ((start + I32[pc + 1]) as number) | 0
              continue next
            }
            case Opcode.GetIndex: {
              const x = (sp - 2 * Slot.SIZE) | 0
              const y = (sp - Slot.SIZE) | 0
              if (I32[(x >> 2) + 2] !== Tag.ARRAY || I32[(y >> 2) + 2] !== Tag.INTEGER) break
              const array = I32[x >> 2] as number
              const index = I32[y >> 2] as number
              if (
                I32[(y >> 2) + 1] !== 0 ||
                index < 0 ||
                index >= (I32[(array + ArrayLayout.LENGTH) >> 2] as number)
              )
                break
              const from = ((I32[(array + ArrayLayout.DATA) >> 2] as number) + index * Slot.SIZE) >> 2
              const to = x >> 2
              I64[to >> 1] = I64[from >> 1] as bigint
              I32[to + 2] = I32[from + 2] as number
              sp = y
              pc = (pc + 1) | 0
              continue next
            }
            // biome-ignore lint/suspicious/noFallthroughSwitchClause: the usual call, or else the general way
            case Opcode.Call: {
              const count = I32[pc + 1] as number
              const callee = (sp - ((count + 1) << 4)) | 0
              if (I32[(callee >> 2) + 2] === Tag.CLOSURE) {
                const closure = I32[callee >> 2] as number
                const record = (I32[(closure + ClosureLayout.FUNCTION) >> 2] as number) >> 2
                const depth =
                  ((I32[Context.DEPTH >> 2] as number) -
                    (I32[record + (FunctionLayout.CHARGE >> 2)] as number)) |
                  0
                const calls = ((I32[record + (FunctionLayout.CALLS >> 2)] as number) + 1) | 0
                if (
                  I32[record + (FunctionLayout.PARAMETERS >> 2)] === count &&
                  depth >= 0 &&
                  calls !== I32[record + (FunctionLayout.NEXT_EVENT >> 2)] &&
                  I32[record + (FunctionLayout.NATIVE >> 2)] === 0 &&
                  (I32[Context.ALLOCATED >> 2] as number) <= (I32[Context.ALLOCATION_LIMIT >> 2] as number) &&
                  !stress &&
                  --fuel > 0
                ) {
                  I32[record + (FunctionLayout.CALLS >> 2)] = calls
                  I32[Context.DEPTH >> 2] = depth
                  const frame = (callee + Slot.SIZE) | 0
                  I32[(callee >> 2) + 2] = Tag.CLOSURE | ((frame - base) << 4)
                  I32[(callee >> 2) + 3] = pc - start
                  base = frame
                  sp = (frame + (I32[record + (FunctionLayout.LOCAL_BYTES >> 2)] as number)) | 0
                  start = I32[record + (FunctionLayout.START >> 2)] as number
                  pc = start
                  continue next
                }
              }
            }
            case Opcode.CallMethod:
            case Opcode.New:
            case Opcode.CallSuper: {
              rt.base = base
              rt.position = pc - start
              rt.top = sp
              if (
                (I32[Context.ALLOCATED >> 2] as number) > (I32[Context.ALLOCATION_LIMIT >> 2] as number) ||
                stress
              ) {
                safepoint(rt)
              }
              const callee = vm.prepare(opcode, base, pc - start, sp)
              if (callee === 0) {
                // Done already; the result is on the top of the stack that is left.
                sp = vm.sp
                pc = (pc + (LENGTHS[opcode] as number)) | 0
                continue next
              }
              const position = pc - start
              const caller = base
              base = Outside.BASE
              if (!vm.enterFrame((callee + Slot.SIZE) | 0, caller, position, hostBase)) return true
              base = vm.base
              sp = vm.sp
              start = vm.functionAt(base).start
              pc = (start + vm.pc) | 0
              if (--fuel > 0) continue next
              vm.goOn(base, pc - start, sp)
              return false
            }
            case Opcode.Return: {
              const link = I32[(base + Frame.LINK_TAG) >> 2] as number
              const position = I32[(base + Frame.LINK_POSITION) >> 2] as number
              const to = (base - Slot.SIZE) >> 2
              const from = (sp - Slot.SIZE) >> 2
              const running = I32[to] as number
              const left = (I32[(running + ClosureLayout.FUNCTION) >> 2] as number) >> 2
              const charge = I32[left + (FunctionLayout.CHARGE >> 2)] as number
              I32[Context.DEPTH >> 2] = ((I32[Context.DEPTH >> 2] as number) + charge) | 0
              I64[to >> 1] = I64[from >> 1] as bigint
              I32[to + 2] = I32[from + 2] as number
              if (position < 0) {
                const returned = base
                base = Outside.BASE
                if (!vm.returnAcross(returned, hostBase)) return true
                base = vm.base
                sp = vm.sp
                start = vm.functionAt(base).start
                pc = (start + vm.pc) | 0
                continue next
              }
              sp = base
              base = (base - ((link >>> 8) << 4)) | 0
              const closure = I32[(base - Slot.SIZE) >> 2] as number
              const record = (I32[(closure + ClosureLayout.FUNCTION) >> 2] as number) >> 2
              start = I32[record + (FunctionLayout.START >> 2)] as number
              pc = (start + position) | 0
              pc = (pc + (((I32[pc] as number) & 127) === (Opcode.New as number) ? 2 : 3)) | 0
              continue next
            }
            case Opcode.GetField: {
              const fn = vm.functionAt(base)
              const self = (sp - Slot.SIZE) >> 2
              const object = I32[self] as number
              if (I32[self + 2] !== Tag.INSTANCE) break
              const classObject = I32[(object + InstanceLayout.CLASS) >> 2] as number
              if (fn.cacheClass[pc - start] !== classObject) break
              const from =
                (object + InstanceLayout.SLOTS + (fn.cacheValue[pc - start] as number) * Slot.SIZE) >> 2
              I64[self >> 1] = I64[from >> 1] as bigint
              I32[self + 2] = I32[from + 2] as number
              pc = (pc + 2) | 0
              continue next
            }
            case Opcode.ClearLocal:
              I32[((base + (I32[pc + 1] as number)) >> 2) + 2] = Tag.EMPTY
              pc = (pc + 2) | 0
              continue next
            case Opcode.Drop:
            case Opcode.GetLocalChecked:
            case Opcode.NewCell:
            case Opcode.GetCell:
            case Opcode.SetCell:
            case Opcode.SetUpvalue:
            case Opcode.GetBuiltin:
            case Opcode.GetUnbound:
            case Opcode.Divide:
            case Opcode.Modulo:
            case Opcode.Negate:
            case Opcode.Not:
            case Opcode.ToBoolean:
            case Opcode.SameCase:
            case Opcode.Closure:
            case Opcode.Array:
            case Opcode.Append:
            case Opcode.Hash:
            case Opcode.Insert:
            case Opcode.SetIndex:
            case Opcode.GetProperty:
            case Opcode.SetField:
            case Opcode.Class:
            case Opcode.Subclass:
            case Opcode.Method:
            case Opcode.ErrorIs:
            case Opcode.Fail:
            case Opcode.Import:
            case Opcode.Imported:
            case Opcode.ImportFailed:
            case Opcode.GetExport:
              break
            case Opcode.Throw:
              rt.base = base
              rt.position = pc - start
              rt.top = sp
              vm.raise(sp - Slot.SIZE)
              return false
            case Fused.CompareLocalConstant:
            case Fused.CompareLocalLocal: {
              const x = ((base + I32[pc + 1]) as number) | 0
              const second = I32[pc + 3] as number
              const y = opcode === Fused.CompareLocalLocal ? (base + second) | 0 : second
              if (I32[(x >> 2) + 2] !== Tag.INTEGER || I32[(y >> 2) + 2] !== Tag.INTEGER) {
                opcode = Opcode.GetLocal
                continue
              }
              const left = I64[x >> 3] as bigint
              const right = I64[y >> 3] as bigint
              const comparison = I32[pc + 4] as number
              let result: boolean
              if (comparison === Opcode.Less) result = left < right
              else if (comparison === Opcode.Greater) result = left > right
              else if (comparison === Opcode.LessEqual) result = left <= right
              else result = left >= right
              pc = result ? (pc + 7) | 0 : ((start + I32[pc + 6]) as number) | 0
              continue next
            }
            case Fused.AddLocalConstant:
            case Fused.SubtractLocalConstant: {
              const x = ((base + I32[pc + 1]) as number) | 0
              if (I32[(x >> 2) + 2] !== Tag.INTEGER) {
                opcode = Opcode.GetLocal
                continue
              }
              const right = I64[(I32[pc + 3] as number) >> 3] as bigint
              if (opcode === Fused.AddLocalConstant) I64[sp >> 3] = (I64[x >> 3] as bigint) + right
              else I64[sp >> 3] = (I64[x >> 3] as bigint) - right
              I32[(sp >> 2) + 2] = Tag.INTEGER
              sp = (sp + Slot.SIZE) | 0
              pc = (pc + 5) | 0
              continue next
            }
            case Fused.AddLocalLocal:
            case Fused.SubtractLocalLocal:
            case Fused.MultiplyLocalLocal: {
              const x = ((base + I32[pc + 1]) as number) | 0
              const y = ((base + I32[pc + 3]) as number) | 0
              const tag = I32[(x >> 2) + 2] as number
              if (tag !== I32[(y >> 2) + 2] || (tag !== Tag.INTEGER && tag !== Tag.FLOAT)) {
                opcode = Opcode.GetLocal
                continue
              }
              if (tag === Tag.INTEGER) {
                const left = I64[x >> 3] as bigint
                const right = I64[y >> 3] as bigint
                if (opcode === Fused.AddLocalLocal) I64[sp >> 3] = left + right
                else if (opcode === Fused.SubtractLocalLocal) I64[sp >> 3] = left - right
                else I64[sp >> 3] = left * right
              } else {
                const left = F64[x >> 3] as number
                const right = F64[y >> 3] as number
                if (opcode === Fused.AddLocalLocal) F64[sp >> 3] = left + right
                else if (opcode === Fused.SubtractLocalLocal) F64[sp >> 3] = left - right
                else F64[sp >> 3] = left * right
              }
              I32[(sp >> 2) + 2] = tag
              sp = (sp + Slot.SIZE) | 0
              pc = (pc + 5) | 0
              continue next
            }
            default:
              vm.observer(vm.functionAt(base), pc - start, base, sp)
              opcode &= 127
              continue
          }
          break
        }
        sp = execute(rt, vm.functionAt(base), pc - start, base, sp)
        pc += LENGTHS[opcode] as number
      }
    } catch (error) {
      if (base !== Outside.BASE) {
        rt.base = base
        rt.position = pc - start
        rt.top = sp
      }
      throw error
    }
  }
}
