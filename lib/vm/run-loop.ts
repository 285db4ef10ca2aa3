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
  BlockLayout,
  CellLayout,
  ClosureLayout,
  Context,
  FunctionLayout,
  InstanceLayout,
  Slot,
  Tag,
} from '../heap/layout.js'
import { callBuiltin } from '../runtime/builtins/registry.js'
import { Frame } from '../runtime/frames.js'
import { safepoint } from '../runtime/safepoint.js'
import { execute } from './execute.js'
import { makeFastPaths, Sameness } from './fast-paths.js'
import { Cache, OBSERVED } from './loaded-function.js'
import { Fused, Mode } from './superinstructions.js'
import type { Vm } from './vm.js'

/** The value of `base` while native code runs: then `rt` is kept current by the driver. */
const enum Outside {
  BASE = -1,
}

/** Calls and loop passes between two returns of the loop, while V8 still watches and later. */
const COLD_FUEL = 2000
const WARM_FUEL = 100_000
const WARM_SLICES = 200
const TWO_32 = 0x100000000
const LENGTHS: readonly number[] = OPCODES.map((info) => info.operands.length + 1)

/** Whether it is the tag of a number. */
function isNumber(tag: number): boolean {
  return tag === Tag.INTEGER || tag === Tag.FLOAT
}

/**
 * Makes the loop of one VM. It is a closure over the heap's views, and it comes back to its caller every
 * now and then (when its fuel is used up) to be called again: V8 embeds what a closure captures as
 * constants in the code of a function that is entered by a call, but not in code entered in the middle of
 * a loop (on-stack replacement). That makes the loop more than twice as fast.
 *
 * There is only this one loop: from a loop inside, V8 would move what several cases have in common (`sp - 16`,
 * `pc + 2`...) before the dispatch, where all of it is computed and spilled each time. That took most of the time.
 *
 * Code is fetched from the heap too (`LoadedFunction.start`): `pc` is a word index in it.
 * @returns a function that runs from the VM's resume point; true when the frame at `hostBase` has
 *   returned, false when it wants to be called again
 */
export function makeRunLoop(vm: Vm): (hostBase: number) => boolean {
  let slices = 0

  const { rt } = vm
  const { heap } = rt
  const { I32, F64, I64, stress, baseHigh } = heap
  const { same, ordered, element } = makeFastPaths(heap)

  return function runLoop(hostBase: number): boolean {
    let base = vm.base | 0
    let sp = vm.sp | 0
    let fuel = slices < WARM_SLICES ? COLD_FUEL : WARM_FUEL
    if (vm.fuel > 0) fuel = vm.fuel | 0
    slices++
    let start = vm.functionAt(base).start | 0
    let pc = (start + vm.pc) | 0
    try {
      let word = I32[pc] as number
      for (;;) {
        // biome-ignore lint/suspicious/noConfusingLabels: must not be a loop, see above
        done: {
          const opcode = word & Mode.OPCODE
          switch (opcode) {
            case Opcode.Integer:
            case Opcode.Constant: {
              const from = (I32[pc + 1] as number) >> 2
              const to = sp >> 2
              I64[to >> 1] = I64[from >> 1] as bigint
              I32[to + 2] = I32[from + 2] as number
              sp = (sp + Slot.SIZE) | 0
              pc = (pc + 2) | 0
              break done
            }
            case Opcode.Null:
              I32[(sp >> 2) + 2] = Tag.NULL
              sp = (sp + Slot.SIZE) | 0
              pc = (pc + 1) | 0
              break done
            case Opcode.True:
            case Opcode.False:
              I64[sp >> 3] = opcode === Opcode.True ? 1n : 0n
              I32[(sp >> 2) + 2] = Tag.BOOLEAN
              sp = (sp + Slot.SIZE) | 0
              pc = (pc + 1) | 0
              break done
            case Opcode.GetBuiltin:
              I64[sp >> 3] = BigInt(I32[pc + 1] as number)
              I32[(sp >> 2) + 2] = Tag.BUILTIN
              sp = (sp + Slot.SIZE) | 0
              pc = (pc + 2) | 0
              break done
            case Opcode.Pop:
              sp = (sp - Slot.SIZE) | 0
              pc = (pc + 1) | 0
              break done
            case Opcode.Dup: {
              const to = sp >> 2
              I64[to >> 1] = I64[(to >> 1) - 2] as bigint
              I32[to + 2] = I32[to - 2] as number
              sp = (sp + Slot.SIZE) | 0
              pc = (pc + 1) | 0
              break done
            }
            case Opcode.GetLocal: {
              const from = (base + (I32[pc + 1] as number)) >> 2
              const to = sp >> 2
              I64[to >> 1] = I64[from >> 1] as bigint
              I32[to + 2] = I32[from + 2] as number
              sp = (sp + Slot.SIZE) | 0
              pc = (pc + 2) | 0
              break done
            }
            case Fused.PushLocals: {
              const first = (base + (I32[pc + 1] as number)) >> 2
              const second = (base + (I32[pc + 3] as number)) >> 2
              const to = sp >> 2
              I64[to >> 1] = I64[first >> 1] as bigint
              I32[to + 2] = I32[first + 2] as number
              I64[(to >> 1) + 2] = I64[second >> 1] as bigint
              I32[to + 6] = I32[second + 2] as number
              sp = (sp + 2 * Slot.SIZE) | 0
              pc = (pc + 4) | 0
              break done
            }
            case Opcode.SetLocal: {
              const to = (base + (I32[pc + 1] as number)) >> 2
              sp = (sp - Slot.SIZE) | 0
              const from = sp >> 2
              I64[to >> 1] = I64[from >> 1] as bigint
              I32[to + 2] = I32[from + 2] as number
              pc = (pc + 2) | 0
              break done
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
              break done
            }
            case Opcode.SetGlobal: {
              const to = (I32[pc + 1] as number) >> 2
              sp = (sp - Slot.SIZE) | 0
              const from = sp >> 2
              I64[to >> 1] = I64[from >> 1] as bigint
              I32[to + 2] = I32[from + 2] as number
              pc = (pc + 2) | 0
              break done
            }
            case Opcode.GetLocalChecked:
            case Opcode.GetCell:
            case Opcode.GetUpvalue: {
              const operand = I32[pc + 1] as number
              let from = (base + operand) | 0
              if (opcode === Opcode.GetUpvalue) {
                const closure = I32[(base - Slot.SIZE) >> 2] as number
                const cell = I32[(closure + ClosureLayout.CELLS + operand * 8) >> 2] as number
                from = (cell + CellLayout.VALUE) | 0
              } else if (opcode === Opcode.GetCell) from = ((I32[from >> 2] as number) + CellLayout.VALUE) | 0
              const tag = I32[(from >> 2) + 2] as number
              if (tag === Tag.EMPTY) break
              I64[sp >> 3] = I64[from >> 3] as bigint
              I32[(sp >> 2) + 2] = tag
              sp = (sp + Slot.SIZE) | 0
              pc = (pc + 3) | 0
              break done
            }
            case Opcode.SetCell:
            case Opcode.SetUpvalue: {
              const operand = I32[pc + 1] as number
              let cell: number
              if (opcode === Opcode.SetCell) cell = I32[(base + operand) >> 2] as number
              else {
                const closure = I32[(base - Slot.SIZE) >> 2] as number
                cell = I32[(closure + ClosureLayout.CELLS + operand * 8) >> 2] as number
              }
              const to = (cell + CellLayout.VALUE) | 0
              sp = (sp - Slot.SIZE) | 0
              I64[to >> 3] = I64[sp >> 3] as bigint
              I32[(to >> 2) + 2] = I32[(sp >> 2) + 2] as number
              pc = (pc + 2) | 0
              break done
            }
            case Opcode.Add:
            case Opcode.Subtract:
            case Opcode.Multiply:
            case Opcode.Divide:
            case Opcode.Modulo: {
              const x = (sp - 2 * Slot.SIZE) | 0
              const y = (sp - Slot.SIZE) | 0
              const to = x
              const tag = I32[(x >> 2) + 2] as number
              const other = I32[(y >> 2) + 2] as number
              let result: number = Tag.FLOAT
              if (tag === Tag.INTEGER && other === Tag.INTEGER && opcode !== Opcode.Divide) {
                const left = I64[x >> 3] as bigint
                const right = I64[y >> 3] as bigint
                if (opcode === Opcode.Add) I64[to >> 3] = left + right
                else if (opcode === Opcode.Subtract) I64[to >> 3] = left - right
                else if (opcode === Opcode.Multiply) I64[to >> 3] = left * right
                else if (right !== 0n) I64[to >> 3] = left % right
                else break
                result = Tag.INTEGER
              } else {
                let left: number
                let right: number
                if (tag === Tag.FLOAT && other === Tag.FLOAT) {
                  left = F64[x >> 3] as number
                  right = F64[y >> 3] as number
                } else if (!isNumber(tag) || !isNumber(other)) break
                else {
                  if (tag === Tag.FLOAT) left = F64[x >> 3] as number
                  else left = (I32[(x >> 2) + 1] as number) * TWO_32 + ((I32[x >> 2] as number) >>> 0)
                  if (other === Tag.FLOAT) right = F64[y >> 3] as number
                  else right = (I32[(y >> 2) + 1] as number) * TWO_32 + ((I32[y >> 2] as number) >>> 0)
                }
                if (opcode === Opcode.Add) F64[to >> 3] = left + right
                else if (opcode === Opcode.Subtract) F64[to >> 3] = left - right
                else if (opcode === Opcode.Multiply) F64[to >> 3] = left * right
                else if (right === 0) break
                else if (opcode === Opcode.Divide) F64[to >> 3] = left / right
                else F64[to >> 3] = left % right
              }
              I32[(to >> 2) + 2] = result
              sp = y
              pc = (pc + 1) | 0
              break done
            }
            case Fused.AddStore:
            case Fused.SubtractStore:
            case Fused.MultiplyStore:
            case Fused.DivideStore:
            case Fused.ModuloStore: {
              const x = (sp - 2 * Slot.SIZE) | 0
              const y = (sp - Slot.SIZE) | 0
              const to = (base + (I32[pc + 2] as number)) | 0
              const tag = I32[(x >> 2) + 2] as number
              const other = I32[(y >> 2) + 2] as number
              let result: number = Tag.FLOAT
              if (tag === Tag.INTEGER && other === Tag.INTEGER && opcode !== Fused.DivideStore) {
                const left = I64[x >> 3] as bigint
                const right = I64[y >> 3] as bigint
                if (opcode === Fused.AddStore) I64[to >> 3] = left + right
                else if (opcode === Fused.SubtractStore) I64[to >> 3] = left - right
                else if (opcode === Fused.MultiplyStore) I64[to >> 3] = left * right
                else if (right !== 0n) I64[to >> 3] = left % right
                else {
                  word = opcode - Fused.AddStore + Opcode.Add
                  continue
                }
                result = Tag.INTEGER
              } else {
                let left: number
                let right: number
                if (tag === Tag.FLOAT && other === Tag.FLOAT) {
                  left = F64[x >> 3] as number
                  right = F64[y >> 3] as number
                } else if (!isNumber(tag) || !isNumber(other)) {
                  word = opcode - Fused.AddStore + Opcode.Add
                  continue
                } else {
                  if (tag === Tag.FLOAT) left = F64[x >> 3] as number
                  else left = (I32[(x >> 2) + 1] as number) * TWO_32 + ((I32[x >> 2] as number) >>> 0)
                  if (other === Tag.FLOAT) right = F64[y >> 3] as number
                  else right = (I32[(y >> 2) + 1] as number) * TWO_32 + ((I32[y >> 2] as number) >>> 0)
                }
                if (opcode === Fused.AddStore) F64[to >> 3] = left + right
                else if (opcode === Fused.SubtractStore) F64[to >> 3] = left - right
                else if (opcode === Fused.MultiplyStore) F64[to >> 3] = left * right
                else if (right === 0) {
                  word = opcode - Fused.AddStore + Opcode.Add
                  continue
                } else if (opcode === Fused.DivideStore) F64[to >> 3] = left / right
                else F64[to >> 3] = left % right
              }
              I32[(to >> 2) + 2] = result
              sp = x
              pc = (pc + 3) | 0
              break done
            }
            case Fused.AddLocal:
            case Fused.SubtractLocal:
            case Fused.MultiplyLocal:
            case Fused.DivideLocal:
            case Fused.ModuloLocal: {
              const x = (base + (I32[pc + 1] as number)) | 0
              const y = ((I32[pc + 3] as number) + (base & (word >> 31))) | 0
              const stores = (word & Mode.STORES) !== 0
              const to = stores ? (base + (I32[pc + 6] as number)) | 0 : sp
              const tag = I32[(x >> 2) + 2] as number
              const other = I32[(y >> 2) + 2] as number
              let result: number = Tag.FLOAT
              if (tag === Tag.INTEGER && other === Tag.INTEGER && opcode !== Fused.DivideLocal) {
                const left = I64[x >> 3] as bigint
                const right = I64[y >> 3] as bigint
                if (opcode === Fused.AddLocal) I64[to >> 3] = left + right
                else if (opcode === Fused.SubtractLocal) I64[to >> 3] = left - right
                else if (opcode === Fused.MultiplyLocal) I64[to >> 3] = left * right
                else if (right !== 0n) I64[to >> 3] = left % right
                else {
                  word = Opcode.GetLocal
                  continue
                }
                result = Tag.INTEGER
              } else {
                let left: number
                let right: number
                if (tag === Tag.FLOAT && other === Tag.FLOAT) {
                  left = F64[x >> 3] as number
                  right = F64[y >> 3] as number
                } else if (!isNumber(tag) || !isNumber(other)) {
                  word = Opcode.GetLocal
                  continue
                } else {
                  if (tag === Tag.FLOAT) left = F64[x >> 3] as number
                  else left = (I32[(x >> 2) + 1] as number) * TWO_32 + ((I32[x >> 2] as number) >>> 0)
                  if (other === Tag.FLOAT) right = F64[y >> 3] as number
                  else right = (I32[(y >> 2) + 1] as number) * TWO_32 + ((I32[y >> 2] as number) >>> 0)
                }
                if (opcode === Fused.AddLocal) F64[to >> 3] = left + right
                else if (opcode === Fused.SubtractLocal) F64[to >> 3] = left - right
                else if (opcode === Fused.MultiplyLocal) F64[to >> 3] = left * right
                else if (right === 0) {
                  word = Opcode.GetLocal
                  continue
                } else if (opcode === Fused.DivideLocal) F64[to >> 3] = left / right
                else F64[to >> 3] = left % right
              }
              I32[(to >> 2) + 2] = result
              sp = stores ? sp : (sp + Slot.SIZE) | 0
              pc = stores ? (pc + 7) | 0 : (pc + 5) | 0
              break done
            }
            case Fused.CountAndLoop: {
              const x = (base + (I32[pc + 1] as number)) | 0
              if (
                I32[(x >> 2) + 2] !== Tag.INTEGER ||
                fuel <= 1 ||
                (I32[Context.ALLOCATED >> 2] as number) > (I32[Context.ALLOCATION_LIMIT >> 2] as number) ||
                stress
              ) {
                word = Opcode.GetLocal
                continue
              }
              const step = I64[(I32[pc + 3] as number) >> 3] as bigint
              I64[x >> 3] = (I64[x >> 3] as bigint) + step
              fuel = (fuel - 1) | 0
              pc = (start + (I32[pc + 8] as number)) | 0
              break done
            }
            case Fused.AddTop:
            case Fused.SubtractTop:
            case Fused.MultiplyTop:
            case Fused.DivideTop:
            case Fused.ModuloTop: {
              const x = (sp - Slot.SIZE) | 0
              const y = ((I32[pc + 1] as number) + (base & (word >> 31))) | 0
              const stores = (word & Mode.STORES) !== 0
              const to = stores ? (base + (I32[pc + 4] as number)) | 0 : x
              const tag = I32[(x >> 2) + 2] as number
              const other = I32[(y >> 2) + 2] as number
              let result: number = Tag.FLOAT
              if (tag === Tag.INTEGER && other === Tag.INTEGER && opcode !== Fused.DivideTop) {
                const left = I64[x >> 3] as bigint
                const right = I64[y >> 3] as bigint
                if (opcode === Fused.AddTop) I64[to >> 3] = left + right
                else if (opcode === Fused.SubtractTop) I64[to >> 3] = left - right
                else if (opcode === Fused.MultiplyTop) I64[to >> 3] = left * right
                else if (right !== 0n) I64[to >> 3] = left % right
                else {
                  word = word < 0 ? Opcode.GetLocal : Opcode.GetGlobal
                  continue
                }
                result = Tag.INTEGER
              } else {
                let left: number
                let right: number
                if (tag === Tag.FLOAT && other === Tag.FLOAT) {
                  left = F64[x >> 3] as number
                  right = F64[y >> 3] as number
                } else if (!isNumber(tag) || !isNumber(other)) {
                  word = word < 0 ? Opcode.GetLocal : Opcode.GetGlobal
                  continue
                } else {
                  if (tag === Tag.FLOAT) left = F64[x >> 3] as number
                  else left = (I32[(x >> 2) + 1] as number) * TWO_32 + ((I32[x >> 2] as number) >>> 0)
                  if (other === Tag.FLOAT) right = F64[y >> 3] as number
                  else right = (I32[(y >> 2) + 1] as number) * TWO_32 + ((I32[y >> 2] as number) >>> 0)
                }
                if (opcode === Fused.AddTop) F64[to >> 3] = left + right
                else if (opcode === Fused.SubtractTop) F64[to >> 3] = left - right
                else if (opcode === Fused.MultiplyTop) F64[to >> 3] = left * right
                else if (right === 0) {
                  word = word < 0 ? Opcode.GetLocal : Opcode.GetGlobal
                  continue
                } else if (opcode === Fused.DivideTop) F64[to >> 3] = left / right
                else F64[to >> 3] = left % right
              }
              I32[(to >> 2) + 2] = result
              sp = stores ? x : sp
              pc = stores ? (pc + 5) | 0 : (pc + 3) | 0
              break done
            }
            case Opcode.Not:
            case Opcode.ToBoolean: {
              const x = (sp - Slot.SIZE) | 0
              const tag = I32[(x >> 2) + 2] as number
              const falsy = tag === Tag.NULL || (tag === Tag.BOOLEAN && I32[x >> 2] === 0)
              I64[x >> 3] = falsy === (opcode === Opcode.Not) ? 1n : 0n
              I32[(x >> 2) + 2] = Tag.BOOLEAN
              pc = (pc + 1) | 0
              break done
            }
            case Opcode.Negate: {
              const x = (sp - Slot.SIZE) | 0
              const tag = I32[(x >> 2) + 2] as number
              if (tag === Tag.INTEGER) I64[x >> 3] = -(I64[x >> 3] as bigint)
              else if (tag === Tag.FLOAT) F64[x >> 3] = -(F64[x >> 3] as number)
              else break
              pc = (pc + 1) | 0
              break done
            }
            case Opcode.Less:
            case Opcode.Greater:
            case Opcode.LessEqual:
            case Opcode.GreaterEqual:
            case Opcode.Equal:
            case Opcode.NotEqual: {
              const x = (sp - 2 * Slot.SIZE) | 0
              const y = (sp - Slot.SIZE) | 0
              const tag = I32[(x >> 2) + 2] as number
              const other = I32[(y >> 2) + 2] as number
              let result: boolean
              if (tag === Tag.INTEGER && other === Tag.INTEGER) {
                const left = I64[x >> 3] as bigint
                const right = I64[y >> 3] as bigint
                if (opcode === Opcode.Less) result = left < right
                else if (opcode === Opcode.Greater) result = left > right
                else if (opcode === Opcode.LessEqual) result = left <= right
                else if (opcode === Opcode.GreaterEqual) result = left >= right
                else result = (left === right) === (opcode === Opcode.Equal)
              } else if (tag === Tag.FLOAT && other === Tag.FLOAT) {
                const left = F64[x >> 3] as number
                const right = F64[y >> 3] as number
                if (opcode === Opcode.Less) result = left < right
                else if (opcode === Opcode.Greater) result = left > right
                else if (opcode === Opcode.LessEqual) result = left <= right
                else if (opcode === Opcode.GreaterEqual) result = left >= right
                else result = (left === right) === (opcode === Opcode.Equal)
              } else if (opcode === Opcode.Equal || opcode === Opcode.NotEqual) {
                const sameness = same(x, y)
                if (sameness === Sameness.UNKNOWN) break
                result = (sameness === Sameness.SAME) === (opcode === Opcode.Equal)
              } else if (tag === Tag.STRING && other === Tag.STRING) result = ordered(opcode, x, y)
              else break
              pc = (pc + 1) | 0
              if (I32[pc] === Opcode.JumpIfFalse) {
                sp = x
                pc = result ? (pc + 2) | 0 : ((start + I32[pc + 1]) as number) | 0
                break done
              }
              I64[x >> 3] = result ? 1n : 0n
              I32[(x >> 2) + 2] = Tag.BOOLEAN
              sp = y
              break done
            }
            case Fused.LessLocal: {
              const x = (base + (I32[pc + 1] as number)) | 0
              const y = ((I32[pc + 3] as number) + (base & (word >> 31))) | 0
              const tag = I32[(x >> 2) + 2] as number
              if (tag !== I32[(y >> 2) + 2] || !isNumber(tag)) {
                word = Opcode.GetLocal
                continue
              }
              if (tag === Tag.INTEGER) {
                if ((I64[x >> 3] as bigint) < (I64[y >> 3] as bigint)) pc = (pc + 7) | 0
                else pc = ((start + I32[pc + 6]) as number) | 0
              } else if ((F64[x >> 3] as number) < (F64[y >> 3] as number)) pc = (pc + 7) | 0
              else pc = ((start + I32[pc + 6]) as number) | 0
              break done
            }
            case Fused.GreaterLocal:
            case Fused.LessEqualLocal:
            case Fused.GreaterEqualLocal:
            case Fused.EqualLocal:
            case Fused.NotEqualLocal: {
              const x = (base + (I32[pc + 1] as number)) | 0
              const y = ((I32[pc + 3] as number) + (base & (word >> 31))) | 0
              const tag = I32[(x >> 2) + 2] as number
              const other = I32[(y >> 2) + 2] as number
              let result: boolean
              if (tag === Tag.INTEGER && other === Tag.INTEGER) {
                const left = I64[x >> 3] as bigint
                const right = I64[y >> 3] as bigint
                if (opcode === Fused.GreaterLocal) result = left > right
                else if (opcode === Fused.LessEqualLocal) result = left <= right
                else if (opcode === Fused.GreaterEqualLocal) result = left >= right
                else result = (left === right) === (opcode === Fused.EqualLocal)
              } else if (tag === Tag.FLOAT && other === Tag.FLOAT) {
                const left = F64[x >> 3] as number
                const right = F64[y >> 3] as number
                if (opcode === Fused.GreaterLocal) result = left > right
                else if (opcode === Fused.LessEqualLocal) result = left <= right
                else if (opcode === Fused.GreaterEqualLocal) result = left >= right
                else result = (left === right) === (opcode === Fused.EqualLocal)
              } else if (opcode === Fused.EqualLocal || opcode === Fused.NotEqualLocal) {
                const sameness = same(x, y)
                if (sameness === Sameness.UNKNOWN) {
                  word = Opcode.GetLocal
                  continue
                }
                result = (sameness === Sameness.SAME) === (opcode === Fused.EqualLocal)
              } else if (tag === Tag.STRING && other === Tag.STRING)
                result = ordered(opcode - Fused.EqualLocal + Opcode.Equal, x, y)
              else {
                word = Opcode.GetLocal
                continue
              }
              pc = result ? (pc + 7) | 0 : ((start + I32[pc + 6]) as number) | 0
              break done
            }
            case Fused.LessTop:
            case Fused.GreaterTop:
            case Fused.LessEqualTop:
            case Fused.GreaterEqualTop:
            case Fused.EqualTop:
            case Fused.NotEqualTop: {
              const x = (sp - Slot.SIZE) | 0
              const y = ((I32[pc + 1] as number) + (base & (word >> 31))) | 0
              const tag = I32[(x >> 2) + 2] as number
              const other = I32[(y >> 2) + 2] as number
              let result: boolean
              if (tag === Tag.INTEGER && other === Tag.INTEGER) {
                const left = I64[x >> 3] as bigint
                const right = I64[y >> 3] as bigint
                if (opcode === Fused.LessTop) result = left < right
                else if (opcode === Fused.GreaterTop) result = left > right
                else if (opcode === Fused.LessEqualTop) result = left <= right
                else if (opcode === Fused.GreaterEqualTop) result = left >= right
                else result = (left === right) === (opcode === Fused.EqualTop)
              } else if (tag === Tag.FLOAT && other === Tag.FLOAT) {
                const left = F64[x >> 3] as number
                const right = F64[y >> 3] as number
                if (opcode === Fused.LessTop) result = left < right
                else if (opcode === Fused.GreaterTop) result = left > right
                else if (opcode === Fused.LessEqualTop) result = left <= right
                else if (opcode === Fused.GreaterEqualTop) result = left >= right
                else result = (left === right) === (opcode === Fused.EqualTop)
              } else if (opcode === Fused.EqualTop || opcode === Fused.NotEqualTop) {
                const sameness = same(x, y)
                if (sameness === Sameness.UNKNOWN) {
                  word = word < 0 ? Opcode.GetLocal : Opcode.GetGlobal
                  continue
                }
                result = (sameness === Sameness.SAME) === (opcode === Fused.EqualTop)
              } else if (tag === Tag.STRING && other === Tag.STRING)
                result = ordered(opcode - Fused.EqualTop + Opcode.Equal, x, y)
              else {
                word = word < 0 ? Opcode.GetLocal : Opcode.GetGlobal
                continue
              }
              sp = x
              pc = result ? (pc + 5) | 0 : ((start + I32[pc + 4]) as number) | 0
              break done
            }
            case Opcode.Jump:
              pc = (start + (I32[pc + 1] as number)) | 0
              break done
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
              fuel = (fuel - 1) | 0
              if (fuel > 0) break done
              vm.goOn(base, pc - start, sp)
              vm.atLoop = true
              return false
            case Opcode.JumpIfFalse: {
              sp = (sp - Slot.SIZE) | 0
              const tag = I32[(sp >> 2) + 2] as number
              const falsy = tag === Tag.NULL || (tag === Tag.BOOLEAN && I32[sp >> 2] === 0)
              pc = falsy ? ((start + I32[pc + 1]) as number) | 0 : (pc + 2) | 0
              break done
            }
            case Opcode.JumpIfTrue: {
              sp = (sp - Slot.SIZE) | 0
              const tag = I32[(sp >> 2) + 2] as number
              const falsy = tag === Tag.NULL || (tag === Tag.BOOLEAN && I32[sp >> 2] === 0)
              pc = falsy ? (pc + 2) | 0 : ((start + I32[pc + 1]) as number) | 0
              break done
            }
            case Opcode.GetIndex: {
              const x = (sp - 2 * Slot.SIZE) | 0
              const y = (sp - Slot.SIZE) | 0
              const to = x
              const array = I32[x >> 2] as number
              const index = I32[y >> 2] as number
              if (
                I32[(x >> 2) + 2] === Tag.ARRAY &&
                I32[(y >> 2) + 2] === Tag.INTEGER &&
                I32[(y >> 2) + 1] === 0 &&
                index >>> 0 < (I32[(array + ArrayLayout.LENGTH) >> 2] as number)
              ) {
                const from = (I32[(array + ArrayLayout.DATA) >> 2] as number) + (index << Slot.SHIFT)
                I64[to >> 3] = I64[from >> 3] as bigint
                I32[(to >> 2) + 2] = I32[(from >> 2) + 2] as number
              } else if (!element(x, y, to)) break
              sp = y
              pc = (pc + 1) | 0
              break done
            }
            case Fused.IndexLocal: {
              const x = (base + (I32[pc + 1] as number)) | 0
              const y = ((I32[pc + 3] as number) + (base & (word >> 31))) | 0
              const stores = (word & Mode.STORES) !== 0
              const to = stores ? (base + (I32[pc + 6] as number)) | 0 : sp
              const array = I32[x >> 2] as number
              const index = I32[y >> 2] as number
              if (
                I32[(x >> 2) + 2] === Tag.ARRAY &&
                I32[(y >> 2) + 2] === Tag.INTEGER &&
                I32[(y >> 2) + 1] === 0 &&
                index >>> 0 < (I32[(array + ArrayLayout.LENGTH) >> 2] as number)
              ) {
                const from = (I32[(array + ArrayLayout.DATA) >> 2] as number) + (index << Slot.SHIFT)
                I64[to >> 3] = I64[from >> 3] as bigint
                I32[(to >> 2) + 2] = I32[(from >> 2) + 2] as number
              } else if (!element(x, y, to)) {
                word = Opcode.GetLocal
                continue
              }
              sp = stores ? sp : (sp + Slot.SIZE) | 0
              pc = stores ? (pc + 7) | 0 : (pc + 5) | 0
              break done
            }
            case Fused.IndexTop: {
              const x = (sp - Slot.SIZE) | 0
              const y = ((I32[pc + 1] as number) + (base & (word >> 31))) | 0
              const stores = (word & Mode.STORES) !== 0
              const to = stores ? (base + (I32[pc + 4] as number)) | 0 : x
              const array = I32[x >> 2] as number
              const index = I32[y >> 2] as number
              if (
                I32[(x >> 2) + 2] === Tag.ARRAY &&
                I32[(y >> 2) + 2] === Tag.INTEGER &&
                I32[(y >> 2) + 1] === 0 &&
                index >>> 0 < (I32[(array + ArrayLayout.LENGTH) >> 2] as number)
              ) {
                const from = (I32[(array + ArrayLayout.DATA) >> 2] as number) + (index << Slot.SHIFT)
                I64[to >> 3] = I64[from >> 3] as bigint
                I32[(to >> 2) + 2] = I32[(from >> 2) + 2] as number
              } else if (!element(x, y, to)) {
                word = word < 0 ? Opcode.GetLocal : Opcode.GetGlobal
                continue
              }
              sp = stores ? x : sp
              pc = stores ? (pc + 5) | 0 : (pc + 3) | 0
              break done
            }
            case Fused.SetIndexLocals: {
              const x = (base + (I32[pc + 1] as number)) | 0
              const y = (base + (I32[pc + 3] as number)) | 0
              const array = I32[x >> 2] as number
              const index = I32[y >> 2] as number
              if (
                I32[(x >> 2) + 2] !== Tag.ARRAY ||
                I32[(y >> 2) + 2] !== Tag.INTEGER ||
                I32[(y >> 2) + 1] !== 0 ||
                index >>> 0 >= (I32[(array + ArrayLayout.LENGTH) >> 2] as number)
              ) {
                word = Opcode.GetLocal
                continue
              }
              const data = I32[(array + ArrayLayout.DATA) >> 2] as number
              const block = (data - BlockLayout.DATA) >> 2
              if (
                I32[block + (BlockLayout.SHARED >> 2)] !== 0 &&
                index !== (I32[block + (BlockLayout.USED >> 2)] as number) - 1
              ) {
                word = Opcode.GetLocal
                continue
              }
              const to = (data + (index << Slot.SHIFT)) | 0
              if ((word & (Mode.TRUE | Mode.FALSE)) !== 0) {
                I64[to >> 3] = (word & Mode.TRUE) !== 0 ? 1n : 0n
                I32[(to >> 2) + 2] = Tag.BOOLEAN
                pc = (pc + 7) | 0
                break done
              }
              const value = ((I32[pc + 5] as number) + (base & (word >> 31))) | 0
              const tag = I32[(value >> 2) + 2] as number
              if (tag === Tag.EMPTY) {
                word = Opcode.GetLocal
                continue
              }
              I64[to >> 3] = I64[value >> 3] as bigint
              I32[(to >> 2) + 2] = tag
              pc = (pc + 8) | 0
              break done
            }
            case Opcode.SetIndex:
            case Fused.SetIndexPop: {
              const x = (sp - 3 * Slot.SIZE) | 0
              const y = (sp - 2 * Slot.SIZE) | 0
              const value = (sp - Slot.SIZE) | 0
              const array = I32[x >> 2] as number
              const index = I32[y >> 2] as number
              if (
                I32[(x >> 2) + 2] !== Tag.ARRAY ||
                I32[(y >> 2) + 2] !== Tag.INTEGER ||
                I32[(y >> 2) + 1] !== 0 ||
                index >>> 0 >= (I32[(array + ArrayLayout.LENGTH) >> 2] as number)
              ) {
                if (opcode === Opcode.SetIndex) break
                word = Opcode.SetIndex
                continue
              }
              const data = I32[(array + ArrayLayout.DATA) >> 2] as number
              const block = (data - BlockLayout.DATA) >> 2
              if (
                I32[block + (BlockLayout.SHARED >> 2)] !== 0 &&
                index !== (I32[block + (BlockLayout.USED >> 2)] as number) - 1
              ) {
                if (opcode === Opcode.SetIndex) break
                word = Opcode.SetIndex
                continue
              }
              const to = data + (index << Slot.SHIFT)
              const tag = I32[(value >> 2) + 2] as number
              I64[to >> 3] = I64[value >> 3] as bigint
              I32[(to >> 2) + 2] = tag
              if (opcode === Fused.SetIndexPop) {
                sp = x
                pc = (pc + 2) | 0
                break done
              }
              I64[x >> 3] = I64[value >> 3] as bigint
              I32[(x >> 2) + 2] = tag
              sp = y
              pc = (pc + 1) | 0
              break done
            }
            case Fused.Length: {
              const local = word < 0
              const x = local ? (base + (I32[pc + 1] as number)) | 0 : (sp - Slot.SIZE) | 0
              const tag = I32[(x >> 2) + 2] as number
              if (tag !== Tag.ARRAY && tag !== Tag.STRING) {
                word = local ? Opcode.GetLocal : Opcode.GetProperty
                continue
              }
              // Strings have their length at the same place.
              const length = I32[((I32[x >> 2] as number) + ArrayLayout.LENGTH) >> 2] as number
              sp = local ? (sp + Slot.SIZE) | 0 : sp
              I64[(sp >> 3) - 2] = BigInt(length)
              I32[(sp >> 2) - 2] = Tag.INTEGER
              pc = local ? (pc + 4) | 0 : (pc + 2) | 0
              break done
            }
            case Opcode.Call:
            // biome-ignore lint/suspicious/noFallthroughSwitchClause: the usual call, or else the general way
            case Opcode.CallMethod: {
              let count = I32[pc + 1] as number
              let callee: number
              let closure = 0
              if (opcode === Opcode.Call) {
                callee = (sp - ((count + 1) << Slot.SHIFT)) | 0
                const tag = I32[(callee >> 2) + 2] as number
                if (tag === Tag.CLOSURE) closure = I32[callee >> 2] as number
                else if (tag === Tag.BUILTIN) {
                  rt.base = base
                  rt.position = pc - start
                  rt.top = sp
                  if (
                    (I32[Context.ALLOCATED >> 2] as number) >
                      (I32[Context.ALLOCATION_LIMIT >> 2] as number) ||
                    stress
                  ) {
                    safepoint(rt)
                  }
                  callBuiltin(rt, I32[callee >> 2] as number, (callee + Slot.SIZE) | 0, count, callee)
                  sp = (callee + Slot.SIZE) | 0
                  pc = (pc + 3) | 0
                  break done
                }
              } else {
                const cache = count
                count = ((I32[pc + 2] as number) + 1) | 0
                const self = (sp - (count << Slot.SHIFT)) | 0
                callee = (self - Slot.SIZE) | 0
                if (I32[(self >> 2) + 2] === Tag.INSTANCE) {
                  const object = I32[self >> 2] as number
                  if (I32[cache + Cache.CLASS] === I32[(object + InstanceLayout.CLASS) >> 2]) {
                    closure = I32[cache + Cache.VALUE] as number
                    I32[callee >> 2] = closure
                    I32[(callee >> 2) + 1] = baseHigh
                  }
                }
              }
              if (closure !== 0) {
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
                  fuel > 1
                ) {
                  fuel = (fuel - 1) | 0
                  I32[record + (FunctionLayout.CALLS >> 2)] = calls
                  I32[Context.DEPTH >> 2] = depth
                  const frame = (callee + Slot.SIZE) | 0
                  I32[(callee >> 2) + 2] = Tag.CLOSURE | ((frame - base) << 4)
                  I32[(callee >> 2) + 3] = pc - start
                  base = frame
                  sp = (frame + (I32[record + (FunctionLayout.LOCAL_BYTES >> 2)] as number)) | 0
                  start = I32[record + (FunctionLayout.START >> 2)] as number
                  pc = start
                  break done
                }
              }
            }
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
                sp = vm.sp | 0
                pc = (pc + (LENGTHS[opcode] as number)) | 0
                break done
              }
              const position = pc - start
              const caller = base
              base = Outside.BASE
              if (!vm.enterFrame((callee + Slot.SIZE) | 0, caller, position, hostBase)) return true
              base = vm.base | 0
              sp = vm.sp | 0
              start = vm.functionAt(base).start | 0
              pc = (start + vm.pc) | 0
              fuel = (fuel - 1) | 0
              if (fuel > 0) break done
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
                base = vm.base | 0
                sp = vm.sp | 0
                start = vm.functionAt(base).start | 0
                pc = (start + vm.pc) | 0
                break done
              }
              sp = base
              base = (base - ((link >>> 8) << 4)) | 0
              const closure = I32[(base - Slot.SIZE) >> 2] as number
              const record = (I32[(closure + ClosureLayout.FUNCTION) >> 2] as number) >> 2
              start = I32[record + (FunctionLayout.START >> 2)] as number
              pc = (start + position) | 0
              pc = (pc + (((I32[pc] as number) & 127) === (Opcode.New as number) ? 2 : 3)) | 0
              break done
            }
            case Opcode.GetField: {
              const self = (sp - Slot.SIZE) >> 2
              const cache = I32[pc + 1] as number
              const object = I32[self] as number
              if (
                I32[self + 2] !== Tag.INSTANCE ||
                I32[cache + Cache.CLASS] !== I32[(object + InstanceLayout.CLASS) >> 2]
              )
                break
              const from = (object + (I32[cache + Cache.VALUE] as number)) >> 2
              I64[self >> 1] = I64[from >> 1] as bigint
              I32[self + 2] = I32[from + 2] as number
              pc = (pc + 2) | 0
              break done
            }
            case Fused.FieldLocal: {
              const self = (base + (I32[pc + 1] as number)) >> 2
              const cache = I32[pc + 3] as number
              const object = I32[self] as number
              if (
                I32[self + 2] !== Tag.INSTANCE ||
                I32[cache + Cache.CLASS] !== I32[(object + InstanceLayout.CLASS) >> 2]
              ) {
                word = Opcode.GetLocal
                continue
              }
              const from = (object + (I32[cache + Cache.VALUE] as number)) >> 2
              I64[sp >> 3] = I64[from >> 1] as bigint
              I32[(sp >> 2) + 2] = I32[from + 2] as number
              sp = (sp + Slot.SIZE) | 0
              pc = (pc + 4) | 0
              break done
            }
            case Opcode.SetField:
            case Fused.SetFieldLocal: {
              const local = opcode === Fused.SetFieldLocal
              const self = (local ? base + (I32[pc + 1] as number) : sp - Slot.SIZE) >> 2
              const cache = I32[local ? pc + 3 : pc + 1] as number
              const object = I32[self] as number
              if (
                I32[self + 2] !== Tag.INSTANCE ||
                I32[cache + Cache.CLASS] !== I32[(object + InstanceLayout.CLASS) >> 2]
              ) {
                if (!local) break
                word = Opcode.GetLocal
                continue
              }
              const to = (object + (I32[cache + Cache.VALUE] as number)) >> 2
              sp = (local ? sp - Slot.SIZE : sp - 2 * Slot.SIZE) | 0
              I64[to >> 1] = I64[sp >> 3] as bigint
              I32[to + 2] = I32[(sp >> 2) + 2] as number
              pc = local ? (pc + 4) | 0 : (pc + 2) | 0
              break done
            }
            case Opcode.ClearLocal:
              I32[((base + (I32[pc + 1] as number)) >> 2) + 2] = Tag.EMPTY
              pc = (pc + 2) | 0
              break done
            case Opcode.Drop:
              sp = (sp - ((I32[pc + 1] as number) << Slot.SHIFT)) | 0
              pc = (pc + 2) | 0
              break done
            case Opcode.Throw:
              rt.base = base
              rt.position = pc - start
              rt.top = sp
              vm.raise(sp - Slot.SIZE)
              return false
            case Opcode.NewCell:
            case Opcode.GetUnbound:
            case Opcode.SameCase:
            case Opcode.Closure:
            case Opcode.Array:
            case Opcode.Append:
            case Opcode.Hash:
            case Opcode.Insert:
            case Opcode.GetProperty:
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
            default:
              vm.observer(vm.functionAt(base), pc - start, base, sp)
              word = opcode - OBSERVED
              continue
          }
          sp = execute(rt, vm.functionAt(base), pc - start, base, sp) | 0
          pc = (pc + (LENGTHS[opcode] as number)) | 0
        }
        word = I32[pc] as number
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
