/**
 * The VM's loop: fast paths for the usual operands of each instruction; whatever does not fit falls to
 * `execute`. Locals hold the state; it is written to `rt` before anything that may collect, raise or
 * call back, and when an error passes through.
 */
import { Opcode, OPCODES } from '../bytecode/opcodes.js'
import {
  ArrayLayout,
  CellLayout,
  ClosureLayout,
  Context,
  FunctionLayout,
  InstanceLayout,
  SLOT_SIZE,
  Tag,
} from '../heap/layout.js'
import { failRuntime, MESSAGES } from '../runtime/errors.js'
import { LINK_POSITION, LINK_TAG } from '../runtime/frames.js'
import { safepoint } from '../runtime/safepoint.js'
import { prepareCall, prepareMethodCall, prepareNew, prepareSuper } from './calls.js'
import { execute } from './execute.js'
import type { LoadedFunction } from './loaded-function.js'
import type { Segments } from './segments.js'
import type { Vm } from './vm.js'

const { NULL, EMPTY, BOOLEAN, INTEGER, FLOAT, ARRAY, CLOSURE, INSTANCE } = Tag
const ALLOCATED = Context.ALLOCATED >> 2
const ALLOCATION_LIMIT = Context.ALLOCATION_LIMIT >> 2
const DEPTH = Context.DEPTH >> 2
/** The value of `base` while native code runs: then `rt` is kept current by the driver. */
const OUTSIDE = -1
const LENGTHS: readonly number[] = OPCODES.map((info) => info.operands.length + 1)

/**
 * Runs from the VM's resume point.
 * @returns true when the frame at `hostBase` has returned
 */
export function runLoop(vm: Vm, hostBase: number): boolean {
  const { rt } = vm
  const { heap } = rt
  const { I32, F64, I64, stress } = heap
  const { functions } = vm
  let { base, pc, sp } = vm
  let fn = vm.functionAt(base)
  let code = fn.code
  try {
    next: for (;;) {
      let opcode = code[pc] as number
      for (;;) {
        switch (opcode) {
          case Opcode.Constant: {
            const from = (code[pc + 1] as number) >> 2
            const to = sp >> 2
            I32[to] = I32[from] as number
            I32[to + 1] = I32[from + 1] as number
            I32[to + 2] = I32[from + 2] as number
            sp += SLOT_SIZE
            pc += 2
            continue next
          }
          case Opcode.Integer: {
            const value = code[pc + 1] as number
            const to = sp >> 2
            I32[to] = value
            I32[to + 1] = value >> 31
            I32[to + 2] = INTEGER
            sp += SLOT_SIZE
            pc += 2
            continue next
          }
          case Opcode.Null:
            I32[(sp >> 2) + 2] = NULL
            sp += SLOT_SIZE
            pc++
            continue next
          case Opcode.True:
          case Opcode.False: {
            const to = sp >> 2
            I32[to] = opcode === Opcode.True ? 1 : 0
            I32[to + 1] = 0
            I32[to + 2] = BOOLEAN
            sp += SLOT_SIZE
            pc++
            continue next
          }
          case Opcode.Pop:
            sp -= SLOT_SIZE
            pc++
            continue next
          case Opcode.Dup: {
            const to = sp >> 2
            I32[to] = I32[to - 4] as number
            I32[to + 1] = I32[to - 3] as number
            I32[to + 2] = I32[to - 2] as number
            sp += SLOT_SIZE
            pc++
            continue next
          }
          case Opcode.GetLocal: {
            const from = (base + (code[pc + 1] as number)) >> 2
            const to = sp >> 2
            I32[to] = I32[from] as number
            I32[to + 1] = I32[from + 1] as number
            I32[to + 2] = I32[from + 2] as number
            sp += SLOT_SIZE
            pc += 2
            continue next
          }
          case Opcode.SetLocal: {
            const to = (base + (code[pc + 1] as number)) >> 2
            sp -= SLOT_SIZE
            const from = sp >> 2
            I32[to] = I32[from] as number
            I32[to + 1] = I32[from + 1] as number
            I32[to + 2] = I32[from + 2] as number
            pc += 2
            continue next
          }
          case Opcode.GetGlobal: {
            const from = (code[pc + 1] as number) >> 2
            const tag = I32[from + 2] as number
            if (tag === EMPTY) break
            const to = sp >> 2
            I32[to] = I32[from] as number
            I32[to + 1] = I32[from + 1] as number
            I32[to + 2] = tag
            sp += SLOT_SIZE
            pc += 2
            continue next
          }
          case Opcode.SetGlobal: {
            const to = (code[pc + 1] as number) >> 2
            sp -= SLOT_SIZE
            const from = sp >> 2
            I32[to] = I32[from] as number
            I32[to + 1] = I32[from + 1] as number
            I32[to + 2] = I32[from + 2] as number
            pc += 2
            continue next
          }
          case Opcode.GetUpvalue: {
            const closure = I32[(base - SLOT_SIZE) >> 2] as number
            const index = code[pc + 1] as number
            const cell = I32[(closure + ClosureLayout.CELLS + index * 8) >> 2] as number
            const from = (cell + CellLayout.VALUE) >> 2
            const tag = I32[from + 2] as number
            if (tag === EMPTY) break
            const to = sp >> 2
            I32[to] = I32[from] as number
            I32[to + 1] = I32[from + 1] as number
            I32[to + 2] = tag
            sp += SLOT_SIZE
            pc += 3
            continue next
          }
          case Opcode.Add: {
            const x = sp - 2 * SLOT_SIZE
            const y = sp - SLOT_SIZE
            const tags = ((I32[(x >> 2) + 2] as number) << 8) | (I32[(y >> 2) + 2] as number)
            if (tags === ((INTEGER << 8) | INTEGER)) I64[x >> 3] = (I64[x >> 3] as bigint) + (I64[y >> 3] as bigint)
            else if (tags === ((FLOAT << 8) | FLOAT)) F64[x >> 3] = (F64[x >> 3] as number) + (F64[y >> 3] as number)
            else break
            sp = y
            pc++
            continue next
          }
          case Opcode.Subtract: {
            const x = sp - 2 * SLOT_SIZE
            const y = sp - SLOT_SIZE
            const tags = ((I32[(x >> 2) + 2] as number) << 8) | (I32[(y >> 2) + 2] as number)
            if (tags === ((INTEGER << 8) | INTEGER)) I64[x >> 3] = (I64[x >> 3] as bigint) - (I64[y >> 3] as bigint)
            else if (tags === ((FLOAT << 8) | FLOAT)) F64[x >> 3] = (F64[x >> 3] as number) - (F64[y >> 3] as number)
            else break
            sp = y
            pc++
            continue next
          }
          case Opcode.Multiply: {
            const x = sp - 2 * SLOT_SIZE
            const y = sp - SLOT_SIZE
            const tags = ((I32[(x >> 2) + 2] as number) << 8) | (I32[(y >> 2) + 2] as number)
            if (tags === ((INTEGER << 8) | INTEGER)) I64[x >> 3] = (I64[x >> 3] as bigint) * (I64[y >> 3] as bigint)
            else if (tags === ((FLOAT << 8) | FLOAT)) F64[x >> 3] = (F64[x >> 3] as number) * (F64[y >> 3] as number)
            else break
            sp = y
            pc++
            continue next
          }
          case Opcode.Less:
          case Opcode.Greater:
          case Opcode.LessEqual:
          case Opcode.GreaterEqual:
          case Opcode.Equal:
          case Opcode.NotEqual: {
            const x = sp - 2 * SLOT_SIZE
            const y = sp - SLOT_SIZE
            const tags = ((I32[(x >> 2) + 2] as number) << 8) | (I32[(y >> 2) + 2] as number)
            let result: boolean
            if (tags === ((INTEGER << 8) | INTEGER)) {
              const left = I64[x >> 3] as bigint
              const right = I64[y >> 3] as bigint
              if (opcode === Opcode.Less) result = left < right
              else if (opcode === Opcode.Greater) result = left > right
              else if (opcode === Opcode.LessEqual) result = left <= right
              else if (opcode === Opcode.GreaterEqual) result = left >= right
              else result = (left === right) === (opcode === Opcode.Equal)
            } else if (tags === ((FLOAT << 8) | FLOAT)) {
              const left = F64[x >> 3] as number
              const right = F64[y >> 3] as number
              if (opcode === Opcode.Less) result = left < right
              else if (opcode === Opcode.Greater) result = left > right
              else if (opcode === Opcode.LessEqual) result = left <= right
              else if (opcode === Opcode.GreaterEqual) result = left >= right
              else result = (left === right) === (opcode === Opcode.Equal)
            } else break
            pc++
            if (code[pc] === Opcode.JumpIfFalse) {
              sp = x
              pc = result ? pc + 2 : (code[pc + 1] as number)
              continue next
            }
            const to = x >> 2
            I32[to] = result ? 1 : 0
            I32[to + 1] = 0
            I32[to + 2] = BOOLEAN
            sp = y
            continue next
          }
          case Opcode.Jump:
            pc = code[pc + 1] as number
            continue next
          case Opcode.Loop:
            if ((I32[ALLOCATED] as number) > (I32[ALLOCATION_LIMIT] as number) || stress) {
              rt.base = base
              rt.position = pc
              rt.top = sp
              safepoint(rt)
            }
            pc = code[pc + 1] as number
            continue next
          case Opcode.JumpIfFalse: {
            sp -= SLOT_SIZE
            const tag = I32[(sp >> 2) + 2] as number
            const falsy = tag === NULL || (tag === BOOLEAN && I32[sp >> 2] === 0)
            pc = falsy ? (code[pc + 1] as number) : pc + 2
            continue next
          }
          case Opcode.JumpIfTrue: {
            sp -= SLOT_SIZE
            const tag = I32[(sp >> 2) + 2] as number
            const falsy = tag === NULL || (tag === BOOLEAN && I32[sp >> 2] === 0)
            pc = falsy ? pc + 2 : (code[pc + 1] as number)
            continue next
          }
          case Opcode.GetIndex: {
            const x = sp - 2 * SLOT_SIZE
            const y = sp - SLOT_SIZE
            if (I32[(x >> 2) + 2] !== ARRAY || I32[(y >> 2) + 2] !== INTEGER) break
            const array = I32[x >> 2] as number
            const index = I32[y >> 2] as number
            if (I32[(y >> 2) + 1] !== 0 || index < 0 || index >= (I32[(array + ArrayLayout.LENGTH) >> 2] as number)) break
            const from = ((I32[(array + ArrayLayout.DATA) >> 2] as number) + index * SLOT_SIZE) >> 2
            const to = x >> 2
            I32[to] = I32[from] as number
            I32[to + 1] = I32[from + 1] as number
            I32[to + 2] = I32[from + 2] as number
            sp = y
            pc++
            continue next
          }
          case Opcode.Call:
          case Opcode.CallMethod:
          case Opcode.New:
          case Opcode.CallSuper: {
            rt.base = base
            rt.position = pc
            rt.top = sp
            if ((I32[ALLOCATED] as number) > (I32[ALLOCATION_LIMIT] as number) || stress) safepoint(rt)
            const a = code[pc + 1] as number
            let callee: number
            if (opcode === Opcode.Call) {
              callee = sp - (a + 1) * SLOT_SIZE
              const closure = I32[callee >> 2] as number
              if (
                I32[(callee >> 2) + 2] !== CLOSURE ||
                I32[((I32[(closure + ClosureLayout.FUNCTION) >> 2] as number) + FunctionLayout.PARAMETERS) >> 2] !== a
              ) {
                callee = prepareCall(rt, sp, a)
                if (callee === 0) {
                  sp -= a * SLOT_SIZE
                  pc += 3
                  continue next
                }
              }
            } else if (opcode === Opcode.CallMethod) {
              const count = code[pc + 2] as number
              callee = prepareMethodCall(rt, fn, pc, sp, a, count)
              if (callee === 0) {
                sp -= (count + 1) * SLOT_SIZE
                pc += 3
                continue next
              }
            } else if (opcode === Opcode.New) {
              callee = prepareNew(rt, sp, a)
              if (callee === 0) {
                sp -= (a + 1) * SLOT_SIZE
                pc += 2
                continue next
              }
            } else {
              callee = prepareSuper(rt, base, sp, a, code[pc + 2] as number)
            }
            const frame = callee + SLOT_SIZE
            const closure = I32[callee >> 2] as number
            const record = I32[(closure + ClosureLayout.FUNCTION) >> 2] as number
            const target = functions[I32[(record + FunctionLayout.INDEX) >> 2] as number] as LoadedFunction
            const depth = (I32[DEPTH] as number) - target.charge
            if (depth < 0) failRuntime(rt, MESSAGES.stackOverflow())
            I32[(callee >> 2) + 2] = CLOSURE | ((frame - base) << 4)
            I32[(callee >> 2) + 3] = pc
            const calls = (I32[(record + FunctionLayout.CALLS) >> 2] as number) + 1
            I32[(record + FunctionLayout.CALLS) >> 2] = calls
            if (calls === target.nextEvent) {
              rt.top = sp
              vm.events?.called(target, calls)
            }
            if (I32[(record + FunctionLayout.NATIVE) >> 2] !== 0) {
              ;(vm.segments as Segments).start(frame, I32[(record + FunctionLayout.ENTRY) >> 2] as number)
              base = OUTSIDE
              if (!vm.native(hostBase)) return true
              base = vm.base
              pc = vm.pc
              sp = vm.sp
              fn = vm.functionAt(base)
              code = fn.code
              continue next
            }
            I32[DEPTH] = depth
            fn = target
            code = target.code
            base = frame
            sp = frame + target.localBytes
            pc = 0
            continue next
          }
          case Opcode.Return: {
            const link = I32[(base + LINK_TAG) >> 2] as number
            const position = I32[(base + LINK_POSITION) >> 2] as number
            const to = (base - SLOT_SIZE) >> 2
            const from = (sp - SLOT_SIZE) >> 2
            I32[to] = I32[from] as number
            I32[to + 1] = I32[from + 1] as number
            I32[to + 2] = I32[from + 2] as number
            I32[DEPTH] = (I32[DEPTH] as number) + fn.charge
            if (position < 0) {
              const returned = base
              base = OUTSIDE
              if (!vm.returnAcross(returned, hostBase)) return true
              base = vm.base
              pc = vm.pc
              sp = vm.sp
            } else {
              sp = base
              base -= (link >>> 8) << 4
              pc = position
            }
            fn = vm.functionAt(base)
            code = fn.code
            if (position >= 0) pc += ((code[pc] as number) & 127) === (Opcode.New as number) ? 2 : 3
            continue next
          }
          case Opcode.GetField: {
            const self = (sp - SLOT_SIZE) >> 2
            const object = I32[self] as number
            if (I32[self + 2] !== INSTANCE) break
            const classObject = I32[(object + InstanceLayout.CLASS) >> 2] as number
            if (fn.cacheClass[pc] !== classObject) break
            const from = (object + InstanceLayout.SLOTS + (fn.cacheValue[pc] as number) * SLOT_SIZE) >> 2
            I32[self] = I32[from] as number
            I32[self + 1] = I32[from + 1] as number
            I32[self + 2] = I32[from + 2] as number
            pc += 2
            continue next
          }
          case Opcode.ClearLocal:
            I32[((base + (code[pc + 1] as number)) >> 2) + 2] = EMPTY
            pc += 2
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
          case Opcode.Throw:
          case Opcode.ErrorIs:
          case Opcode.Fail:
            break
          default:
            vm.observer(fn, pc, base, sp)
            opcode &= 127
            continue
        }
        break
      }
      sp = execute(rt, fn, pc, base, sp)
      pc += LENGTHS[opcode] as number
    }
  } catch (error) {
    if (base !== OUTSIDE) {
      rt.base = base
      rt.position = pc
      rt.top = sp
    }
    throw error
  }
}
