/**
 * The VM's fast loop: each instruction for its usual operands. Whatever does not fit it leaves for the loop around it
 * (`outer-loop.ts`), which may collect, raise and call back; this one cannot.
 *
 * Addresses of slots count 64-bit words here, also in the operands of the code (`LoadedFunction`): slot s has its
 * payload in I64[s] and F64[s], its halves at 2 s and 2 s + 1, and its tag at I32[2 s + 2], with the least arithmetic.
 * Addresses of objects are in bytes as everywhere.
 *
 * Payloads are copied as 64-bit words only: a 64-bit load behind two 32-bit stores to the same place
 * stalls the processor (store forwarding fails), which made the loop three times slower.
 */
import { Opcode } from '../bytecode/opcodes.js'
import type { Heap } from '../heap/heap.js'
import {
  ArrayLayout,
  BlockLayout,
  CellLayout,
  ClosureLayout,
  Context,
  FunctionLayout,
  Header,
  InstanceLayout,
  StringLayout,
  Tag,
} from '../heap/layout.js'
import { Frame } from '../runtime/frames.js'
import { Cache, OBSERVED } from './loaded-function.js'
import { Fused } from './superinstructions.js'

const TWO_32 = 0x100000000

/** Whether it is the tag of a number. */
function isNumber(tag: number): boolean {
  return tag === Tag.INTEGER || tag === Tag.FLOAT
}

/** What the loop goes on with when it is entered, and has left when it returns. */
export class LoopState {
  /** The frame's base and the operand stack's top. */
  base = 0
  sp = 0
  /** Word indexes in the heap of the instruction and of its function's code. */
  pc = 0
  start = 0
  /** Calls and loop passes that are left. */
  fuel = 0
}

/**
 * Makes the run loop of one VM: a function that runs from `state` on, where `word` is what to take for the word of
 * the first instruction, until it meets something for `makeRunLoop`; it returns the plain opcode of that (or an
 * observed one), before which `state` is left.
 *
 * It calls nothing. Wherever there is a call, V8 keeps everything that lives longer in memory, and loads and stores
 * it in each pass of the loop.
 *
 * It is a closure over the heap's views, and it comes back every now and then (when its fuel is used up) to be
 * called again: V8 embeds what a closure captures as constants in the code of a function that is entered by a call,
 * but not in code entered in the middle of a loop (on-stack replacement). That makes the loop more than twice as fast.
 *
 * There is only this one loop: from a loop inside, V8 would move what several cases have in common (`sp - 16`,
 * `pc + 2`...) before the dispatch, where all of it is computed and spilled each time. That took most of the time.
 *
 * Code is fetched from the heap too (`LoadedFunction.start`): `pc` is a word index in it.
 */
export function makeFastLoop(heap: Heap, state: LoopState): (word: number) => number {
  const { I32, F64, I64, U8, baseHigh } = heap
  /** Words with the payloads of false and true: V8 takes constants of type bigint apart each time. */
  const zero = heap.allocateRootSlots(2) >> 3
  const one = zero + 2
  I64[zero] = 0n
  I64[one] = 1n

  return function fastLoop(next: number): number {
    let base = state.base >> 3
    let sp = state.sp >> 3
    let pc = state.pc | 0
    let start = state.start | 0
    let fuel = state.fuel | 0
    let word = next | 0
    for (;;) {
      // biome-ignore lint/suspicious/noConfusingLabels: must not be a loop, see above
      done: {
        const opcode = word
        switch (opcode) {
          case Opcode.Integer:
          case Opcode.Constant: {
            const from = I32[pc + 1] as number
            I64[sp] = I64[from] as bigint
            I32[((sp << 1) + 2) | 0] = I32[((from << 1) + 2) | 0] as number
            sp = (sp + 2) | 0
            pc = (pc + 2) | 0
            break done
          }
          case Opcode.Null:
            I32[((sp << 1) + 2) | 0] = Tag.NULL
            sp = (sp + 2) | 0
            pc = (pc + 1) | 0
            break done
          case Opcode.True:
          case Opcode.False:
            I64[sp] = I64[opcode === Opcode.True ? one : zero] as bigint
            I32[((sp << 1) + 2) | 0] = Tag.BOOLEAN
            sp = (sp + 2) | 0
            pc = (pc + 1) | 0
            break done
          case Opcode.GetBuiltin:
            // In halves, as V8 makes an object of BigInt(number). Nobody reads the whole soon.
            I32[sp << 1] = I32[pc + 1] as number
            I32[(sp << 1) | 1] = 0
            I32[((sp << 1) + 2) | 0] = Tag.BUILTIN
            sp = (sp + 2) | 0
            pc = (pc + 2) | 0
            break done
          case Opcode.Pop:
            sp = (sp - 2) | 0
            pc = (pc + 1) | 0
            break done
          case Opcode.Dup:
            I64[sp] = I64[(sp - 2) | 0] as bigint
            I32[((sp << 1) + 2) | 0] = I32[((sp << 1) - 2) | 0] as number
            sp = (sp + 2) | 0
            pc = (pc + 1) | 0
            break done
          case Opcode.GetLocal: {
            const from = (base + (I32[pc + 1] as number)) | 0
            I64[sp] = I64[from] as bigint
            I32[((sp << 1) + 2) | 0] = I32[((from << 1) + 2) | 0] as number
            sp = (sp + 2) | 0
            pc = (pc + 2) | 0
            break done
          }
          case Fused.PushLocals: {
            const first = (base + (I32[pc + 1] as number)) | 0
            const second = (base + (I32[pc + 3] as number)) | 0
            I64[sp] = I64[first] as bigint
            I32[((sp << 1) + 2) | 0] = I32[((first << 1) + 2) | 0] as number
            I64[(sp + 2) | 0] = I64[second] as bigint
            I32[((sp << 1) + 6) | 0] = I32[((second << 1) + 2) | 0] as number
            sp = (sp + 4) | 0
            pc = (pc + 4) | 0
            break done
          }
          case Opcode.SetLocal: {
            const to = (base + (I32[pc + 1] as number)) | 0
            sp = (sp - 2) | 0
            I64[to] = I64[sp] as bigint
            I32[((to << 1) + 2) | 0] = I32[((sp << 1) + 2) | 0] as number
            pc = (pc + 2) | 0
            break done
          }
          case Opcode.GetGlobal: {
            const from = I32[pc + 1] as number
            const tag = I32[((from << 1) + 2) | 0] as number
            if (tag === Tag.EMPTY) break
            I64[sp] = I64[from] as bigint
            I32[((sp << 1) + 2) | 0] = tag
            sp = (sp + 2) | 0
            pc = (pc + 2) | 0
            break done
          }
          case Opcode.SetGlobal: {
            const to = I32[pc + 1] as number
            sp = (sp - 2) | 0
            I64[to] = I64[sp] as bigint
            I32[((to << 1) + 2) | 0] = I32[((sp << 1) + 2) | 0] as number
            pc = (pc + 2) | 0
            break done
          }
          case Opcode.GetLocalChecked:
          case Opcode.GetCell:
          case Opcode.GetUpvalue: {
            const operand = I32[pc + 1] as number
            let from = (base + operand) | 0
            if (opcode === Opcode.GetUpvalue) {
              const closure = I32[((base << 1) - 4) | 0] as number
              const cell = I32[(closure + ClosureLayout.CELLS + operand * 8) >> 2] as number
              from = (cell + CellLayout.VALUE) >> 3
            } else if (opcode === Opcode.GetCell) from = ((I32[from << 1] as number) + CellLayout.VALUE) >> 3
            const tag = I32[((from << 1) + 2) | 0] as number
            if (tag === Tag.EMPTY) break
            I64[sp] = I64[from] as bigint
            I32[((sp << 1) + 2) | 0] = tag
            sp = (sp + 2) | 0
            pc = (pc + 3) | 0
            break done
          }
          case Opcode.SetCell:
          case Opcode.SetUpvalue: {
            const operand = I32[pc + 1] as number
            let cell: number
            if (opcode === Opcode.SetCell) cell = I32[((base + operand) | 0) << 1] as number
            else {
              const closure = I32[((base << 1) - 4) | 0] as number
              cell = I32[(closure + ClosureLayout.CELLS + operand * 8) >> 2] as number
            }
            const to = (cell + CellLayout.VALUE) >> 3
            sp = (sp - 2) | 0
            I64[to] = I64[sp] as bigint
            I32[((to << 1) + 2) | 0] = I32[((sp << 1) + 2) | 0] as number
            pc = (pc + 2) | 0
            break done
          }
          case Opcode.Add:
          case Opcode.Subtract:
          case Opcode.Multiply:
          case Opcode.Divide:
          case Opcode.Modulo: {
            const x = (sp - 4) | 0
            const y = (sp - 2) | 0
            const tag = I32[((x << 1) + 2) | 0] as number
            const other = I32[((y << 1) + 2) | 0] as number
            const to = x
            if (tag === Tag.INTEGER && other === Tag.INTEGER && opcode !== Opcode.Divide) {
              const left = I64[x] as bigint
              const right = I64[y] as bigint
              if (opcode === Opcode.Add) I64[to] = left + right
              else if (opcode === Opcode.Subtract) I64[to] = left - right
              else if (opcode === Opcode.Multiply) I64[to] = left * right
              else if (I32[y << 1] !== 0 || I32[(y << 1) | 1] !== 0) I64[to] = left % right
              else break
              I32[((to << 1) + 2) | 0] = Tag.INTEGER
            } else {
              let left: number
              let right: number
              if (tag === Tag.FLOAT && other === Tag.FLOAT) {
                left = F64[x] as number
                right = F64[y] as number
              } else if (!isNumber(tag) || !isNumber(other)) break
              else {
                if (tag === Tag.FLOAT) left = F64[x] as number
                else left = (I32[(x << 1) | 1] as number) * TWO_32 + ((I32[x << 1] as number) >>> 0)
                if (other === Tag.FLOAT) right = F64[y] as number
                else right = (I32[(y << 1) | 1] as number) * TWO_32 + ((I32[y << 1] as number) >>> 0)
              }
              if (opcode === Opcode.Add) F64[to] = left + right
              else if (opcode === Opcode.Subtract) F64[to] = left - right
              else if (opcode === Opcode.Multiply) F64[to] = left * right
              else if (right === 0) break
              else if (opcode === Opcode.Divide) F64[to] = left / right
              else F64[to] = left % right
              I32[((to << 1) + 2) | 0] = Tag.FLOAT
            }
            sp = y
            pc = (pc + 1) | 0
            break done
          }
          case Fused.AddLL:
          case Fused.SubtractLL:
          case Fused.MultiplyLL:
          case Fused.DivideLL:
          case Fused.ModuloLL: {
            const x = (base + (I32[pc + 1] as number)) | 0
            const y = (base + (I32[pc + 3] as number)) | 0
            const tag = I32[((x << 1) + 2) | 0] as number
            const other = I32[((y << 1) + 2) | 0] as number
            const to = sp
            if (tag === Tag.INTEGER && other === Tag.INTEGER && opcode !== Fused.DivideLL) {
              const left = I64[x] as bigint
              const right = I64[y] as bigint
              if (opcode === Fused.AddLL) I64[to] = left + right
              else if (opcode === Fused.SubtractLL) I64[to] = left - right
              else if (opcode === Fused.MultiplyLL) I64[to] = left * right
              else if (I32[y << 1] !== 0 || I32[(y << 1) | 1] !== 0) I64[to] = left % right
              else {
                word = Opcode.GetLocal
                continue
              }
              I32[((to << 1) + 2) | 0] = Tag.INTEGER
            } else {
              let left: number
              let right: number
              if (tag === Tag.FLOAT && other === Tag.FLOAT) {
                left = F64[x] as number
                right = F64[y] as number
              } else if (!isNumber(tag) || !isNumber(other)) {
                word = Opcode.GetLocal
                continue
              } else {
                if (tag === Tag.FLOAT) left = F64[x] as number
                else left = (I32[(x << 1) | 1] as number) * TWO_32 + ((I32[x << 1] as number) >>> 0)
                if (other === Tag.FLOAT) right = F64[y] as number
                else right = (I32[(y << 1) | 1] as number) * TWO_32 + ((I32[y << 1] as number) >>> 0)
              }
              if (opcode === Fused.AddLL) F64[to] = left + right
              else if (opcode === Fused.SubtractLL) F64[to] = left - right
              else if (opcode === Fused.MultiplyLL) F64[to] = left * right
              else if (right === 0) {
                word = Opcode.GetLocal
                continue
              } else if (opcode === Fused.DivideLL) F64[to] = left / right
              else F64[to] = left % right
              I32[((to << 1) + 2) | 0] = Tag.FLOAT
            }
            sp = (sp + 2) | 0
            pc = (pc + 5) | 0
            break done
          }
          case Fused.AddLLS:
          case Fused.SubtractLLS:
          case Fused.MultiplyLLS:
          case Fused.DivideLLS:
          case Fused.ModuloLLS: {
            const x = (base + (I32[pc + 1] as number)) | 0
            const y = (base + (I32[pc + 3] as number)) | 0
            const tag = I32[((x << 1) + 2) | 0] as number
            const other = I32[((y << 1) + 2) | 0] as number
            const to = (base + (I32[pc + 6] as number)) | 0
            if (tag === Tag.INTEGER && other === Tag.INTEGER && opcode !== Fused.DivideLLS) {
              const left = I64[x] as bigint
              const right = I64[y] as bigint
              if (opcode === Fused.AddLLS) I64[to] = left + right
              else if (opcode === Fused.SubtractLLS) I64[to] = left - right
              else if (opcode === Fused.MultiplyLLS) I64[to] = left * right
              else if (I32[y << 1] !== 0 || I32[(y << 1) | 1] !== 0) I64[to] = left % right
              else {
                word = Opcode.GetLocal
                continue
              }
              I32[((to << 1) + 2) | 0] = Tag.INTEGER
            } else {
              let left: number
              let right: number
              if (tag === Tag.FLOAT && other === Tag.FLOAT) {
                left = F64[x] as number
                right = F64[y] as number
              } else if (!isNumber(tag) || !isNumber(other)) {
                word = Opcode.GetLocal
                continue
              } else {
                if (tag === Tag.FLOAT) left = F64[x] as number
                else left = (I32[(x << 1) | 1] as number) * TWO_32 + ((I32[x << 1] as number) >>> 0)
                if (other === Tag.FLOAT) right = F64[y] as number
                else right = (I32[(y << 1) | 1] as number) * TWO_32 + ((I32[y << 1] as number) >>> 0)
              }
              if (opcode === Fused.AddLLS) F64[to] = left + right
              else if (opcode === Fused.SubtractLLS) F64[to] = left - right
              else if (opcode === Fused.MultiplyLLS) F64[to] = left * right
              else if (right === 0) {
                word = Opcode.GetLocal
                continue
              } else if (opcode === Fused.DivideLLS) F64[to] = left / right
              else F64[to] = left % right
              I32[((to << 1) + 2) | 0] = Tag.FLOAT
            }
            pc = (pc + 7) | 0
            break done
          }
          case Fused.AddLK:
          case Fused.SubtractLK:
          case Fused.MultiplyLK:
          case Fused.DivideLK:
          case Fused.ModuloLK: {
            const x = (base + (I32[pc + 1] as number)) | 0
            const y = I32[pc + 3] as number
            const tag = I32[((x << 1) + 2) | 0] as number
            const other = I32[((y << 1) + 2) | 0] as number
            const to = sp
            if (tag === Tag.INTEGER && other === Tag.INTEGER && opcode !== Fused.DivideLK) {
              const left = I64[x] as bigint
              const right = I64[y] as bigint
              if (opcode === Fused.AddLK) I64[to] = left + right
              else if (opcode === Fused.SubtractLK) I64[to] = left - right
              else if (opcode === Fused.MultiplyLK) I64[to] = left * right
              else if (I32[y << 1] !== 0 || I32[(y << 1) | 1] !== 0) I64[to] = left % right
              else {
                word = Opcode.GetLocal
                continue
              }
              I32[((to << 1) + 2) | 0] = Tag.INTEGER
            } else {
              let left: number
              let right: number
              if (tag === Tag.FLOAT && other === Tag.FLOAT) {
                left = F64[x] as number
                right = F64[y] as number
              } else if (!isNumber(tag) || !isNumber(other)) {
                word = Opcode.GetLocal
                continue
              } else {
                if (tag === Tag.FLOAT) left = F64[x] as number
                else left = (I32[(x << 1) | 1] as number) * TWO_32 + ((I32[x << 1] as number) >>> 0)
                if (other === Tag.FLOAT) right = F64[y] as number
                else right = (I32[(y << 1) | 1] as number) * TWO_32 + ((I32[y << 1] as number) >>> 0)
              }
              if (opcode === Fused.AddLK) F64[to] = left + right
              else if (opcode === Fused.SubtractLK) F64[to] = left - right
              else if (opcode === Fused.MultiplyLK) F64[to] = left * right
              else if (right === 0) {
                word = Opcode.GetLocal
                continue
              } else if (opcode === Fused.DivideLK) F64[to] = left / right
              else F64[to] = left % right
              I32[((to << 1) + 2) | 0] = Tag.FLOAT
            }
            sp = (sp + 2) | 0
            pc = (pc + 5) | 0
            break done
          }
          case Fused.AddLKS:
          case Fused.SubtractLKS:
          case Fused.MultiplyLKS:
          case Fused.DivideLKS:
          case Fused.ModuloLKS: {
            const x = (base + (I32[pc + 1] as number)) | 0
            const y = I32[pc + 3] as number
            const tag = I32[((x << 1) + 2) | 0] as number
            const other = I32[((y << 1) + 2) | 0] as number
            const to = (base + (I32[pc + 6] as number)) | 0
            if (tag === Tag.INTEGER && other === Tag.INTEGER && opcode !== Fused.DivideLKS) {
              const left = I64[x] as bigint
              const right = I64[y] as bigint
              if (opcode === Fused.AddLKS) I64[to] = left + right
              else if (opcode === Fused.SubtractLKS) I64[to] = left - right
              else if (opcode === Fused.MultiplyLKS) I64[to] = left * right
              else if (I32[y << 1] !== 0 || I32[(y << 1) | 1] !== 0) I64[to] = left % right
              else {
                word = Opcode.GetLocal
                continue
              }
              I32[((to << 1) + 2) | 0] = Tag.INTEGER
            } else {
              let left: number
              let right: number
              if (tag === Tag.FLOAT && other === Tag.FLOAT) {
                left = F64[x] as number
                right = F64[y] as number
              } else if (!isNumber(tag) || !isNumber(other)) {
                word = Opcode.GetLocal
                continue
              } else {
                if (tag === Tag.FLOAT) left = F64[x] as number
                else left = (I32[(x << 1) | 1] as number) * TWO_32 + ((I32[x << 1] as number) >>> 0)
                if (other === Tag.FLOAT) right = F64[y] as number
                else right = (I32[(y << 1) | 1] as number) * TWO_32 + ((I32[y << 1] as number) >>> 0)
              }
              if (opcode === Fused.AddLKS) F64[to] = left + right
              else if (opcode === Fused.SubtractLKS) F64[to] = left - right
              else if (opcode === Fused.MultiplyLKS) F64[to] = left * right
              else if (right === 0) {
                word = Opcode.GetLocal
                continue
              } else if (opcode === Fused.DivideLKS) F64[to] = left / right
              else F64[to] = left % right
              I32[((to << 1) + 2) | 0] = Tag.FLOAT
            }
            pc = (pc + 7) | 0
            break done
          }
          case Fused.AddTL:
          case Fused.SubtractTL:
          case Fused.MultiplyTL:
          case Fused.DivideTL:
          case Fused.ModuloTL: {
            const x = (sp - 2) | 0
            const y = (base + (I32[pc + 1] as number)) | 0
            const tag = I32[((x << 1) + 2) | 0] as number
            const other = I32[((y << 1) + 2) | 0] as number
            const to = x
            if (tag === Tag.INTEGER && other === Tag.INTEGER && opcode !== Fused.DivideTL) {
              const left = I64[x] as bigint
              const right = I64[y] as bigint
              if (opcode === Fused.AddTL) I64[to] = left + right
              else if (opcode === Fused.SubtractTL) I64[to] = left - right
              else if (opcode === Fused.MultiplyTL) I64[to] = left * right
              else if (I32[y << 1] !== 0 || I32[(y << 1) | 1] !== 0) I64[to] = left % right
              else {
                word = Opcode.GetLocal
                continue
              }
              I32[((to << 1) + 2) | 0] = Tag.INTEGER
            } else {
              let left: number
              let right: number
              if (tag === Tag.FLOAT && other === Tag.FLOAT) {
                left = F64[x] as number
                right = F64[y] as number
              } else if (!isNumber(tag) || !isNumber(other)) {
                word = Opcode.GetLocal
                continue
              } else {
                if (tag === Tag.FLOAT) left = F64[x] as number
                else left = (I32[(x << 1) | 1] as number) * TWO_32 + ((I32[x << 1] as number) >>> 0)
                if (other === Tag.FLOAT) right = F64[y] as number
                else right = (I32[(y << 1) | 1] as number) * TWO_32 + ((I32[y << 1] as number) >>> 0)
              }
              if (opcode === Fused.AddTL) F64[to] = left + right
              else if (opcode === Fused.SubtractTL) F64[to] = left - right
              else if (opcode === Fused.MultiplyTL) F64[to] = left * right
              else if (right === 0) {
                word = Opcode.GetLocal
                continue
              } else if (opcode === Fused.DivideTL) F64[to] = left / right
              else F64[to] = left % right
              I32[((to << 1) + 2) | 0] = Tag.FLOAT
            }
            pc = (pc + 3) | 0
            break done
          }
          case Fused.AddTLS:
          case Fused.SubtractTLS:
          case Fused.MultiplyTLS:
          case Fused.DivideTLS:
          case Fused.ModuloTLS: {
            const x = (sp - 2) | 0
            const y = (base + (I32[pc + 1] as number)) | 0
            const tag = I32[((x << 1) + 2) | 0] as number
            const other = I32[((y << 1) + 2) | 0] as number
            const to = (base + (I32[pc + 4] as number)) | 0
            if (tag === Tag.INTEGER && other === Tag.INTEGER && opcode !== Fused.DivideTLS) {
              const left = I64[x] as bigint
              const right = I64[y] as bigint
              if (opcode === Fused.AddTLS) I64[to] = left + right
              else if (opcode === Fused.SubtractTLS) I64[to] = left - right
              else if (opcode === Fused.MultiplyTLS) I64[to] = left * right
              else if (I32[y << 1] !== 0 || I32[(y << 1) | 1] !== 0) I64[to] = left % right
              else {
                word = Opcode.GetLocal
                continue
              }
              I32[((to << 1) + 2) | 0] = Tag.INTEGER
            } else {
              let left: number
              let right: number
              if (tag === Tag.FLOAT && other === Tag.FLOAT) {
                left = F64[x] as number
                right = F64[y] as number
              } else if (!isNumber(tag) || !isNumber(other)) {
                word = Opcode.GetLocal
                continue
              } else {
                if (tag === Tag.FLOAT) left = F64[x] as number
                else left = (I32[(x << 1) | 1] as number) * TWO_32 + ((I32[x << 1] as number) >>> 0)
                if (other === Tag.FLOAT) right = F64[y] as number
                else right = (I32[(y << 1) | 1] as number) * TWO_32 + ((I32[y << 1] as number) >>> 0)
              }
              if (opcode === Fused.AddTLS) F64[to] = left + right
              else if (opcode === Fused.SubtractTLS) F64[to] = left - right
              else if (opcode === Fused.MultiplyTLS) F64[to] = left * right
              else if (right === 0) {
                word = Opcode.GetLocal
                continue
              } else if (opcode === Fused.DivideTLS) F64[to] = left / right
              else F64[to] = left % right
              I32[((to << 1) + 2) | 0] = Tag.FLOAT
            }
            sp = x
            pc = (pc + 5) | 0
            break done
          }
          case Fused.AddTK:
          case Fused.SubtractTK:
          case Fused.MultiplyTK:
          case Fused.DivideTK:
          case Fused.ModuloTK: {
            const x = (sp - 2) | 0
            const y = I32[pc + 1] as number
            const tag = I32[((x << 1) + 2) | 0] as number
            const other = I32[((y << 1) + 2) | 0] as number
            const to = x
            if (tag === Tag.INTEGER && other === Tag.INTEGER && opcode !== Fused.DivideTK) {
              const left = I64[x] as bigint
              const right = I64[y] as bigint
              if (opcode === Fused.AddTK) I64[to] = left + right
              else if (opcode === Fused.SubtractTK) I64[to] = left - right
              else if (opcode === Fused.MultiplyTK) I64[to] = left * right
              else if (I32[y << 1] !== 0 || I32[(y << 1) | 1] !== 0) I64[to] = left % right
              else {
                word = Opcode.GetGlobal
                continue
              }
              I32[((to << 1) + 2) | 0] = Tag.INTEGER
            } else {
              let left: number
              let right: number
              if (tag === Tag.FLOAT && other === Tag.FLOAT) {
                left = F64[x] as number
                right = F64[y] as number
              } else if (!isNumber(tag) || !isNumber(other)) {
                word = Opcode.GetGlobal
                continue
              } else {
                if (tag === Tag.FLOAT) left = F64[x] as number
                else left = (I32[(x << 1) | 1] as number) * TWO_32 + ((I32[x << 1] as number) >>> 0)
                if (other === Tag.FLOAT) right = F64[y] as number
                else right = (I32[(y << 1) | 1] as number) * TWO_32 + ((I32[y << 1] as number) >>> 0)
              }
              if (opcode === Fused.AddTK) F64[to] = left + right
              else if (opcode === Fused.SubtractTK) F64[to] = left - right
              else if (opcode === Fused.MultiplyTK) F64[to] = left * right
              else if (right === 0) {
                word = Opcode.GetGlobal
                continue
              } else if (opcode === Fused.DivideTK) F64[to] = left / right
              else F64[to] = left % right
              I32[((to << 1) + 2) | 0] = Tag.FLOAT
            }
            pc = (pc + 3) | 0
            break done
          }
          case Fused.AddTKS:
          case Fused.SubtractTKS:
          case Fused.MultiplyTKS:
          case Fused.DivideTKS:
          case Fused.ModuloTKS: {
            const x = (sp - 2) | 0
            const y = I32[pc + 1] as number
            const tag = I32[((x << 1) + 2) | 0] as number
            const other = I32[((y << 1) + 2) | 0] as number
            const to = (base + (I32[pc + 4] as number)) | 0
            if (tag === Tag.INTEGER && other === Tag.INTEGER && opcode !== Fused.DivideTKS) {
              const left = I64[x] as bigint
              const right = I64[y] as bigint
              if (opcode === Fused.AddTKS) I64[to] = left + right
              else if (opcode === Fused.SubtractTKS) I64[to] = left - right
              else if (opcode === Fused.MultiplyTKS) I64[to] = left * right
              else if (I32[y << 1] !== 0 || I32[(y << 1) | 1] !== 0) I64[to] = left % right
              else {
                word = Opcode.GetGlobal
                continue
              }
              I32[((to << 1) + 2) | 0] = Tag.INTEGER
            } else {
              let left: number
              let right: number
              if (tag === Tag.FLOAT && other === Tag.FLOAT) {
                left = F64[x] as number
                right = F64[y] as number
              } else if (!isNumber(tag) || !isNumber(other)) {
                word = Opcode.GetGlobal
                continue
              } else {
                if (tag === Tag.FLOAT) left = F64[x] as number
                else left = (I32[(x << 1) | 1] as number) * TWO_32 + ((I32[x << 1] as number) >>> 0)
                if (other === Tag.FLOAT) right = F64[y] as number
                else right = (I32[(y << 1) | 1] as number) * TWO_32 + ((I32[y << 1] as number) >>> 0)
              }
              if (opcode === Fused.AddTKS) F64[to] = left + right
              else if (opcode === Fused.SubtractTKS) F64[to] = left - right
              else if (opcode === Fused.MultiplyTKS) F64[to] = left * right
              else if (right === 0) {
                word = Opcode.GetGlobal
                continue
              } else if (opcode === Fused.DivideTKS) F64[to] = left / right
              else F64[to] = left % right
              I32[((to << 1) + 2) | 0] = Tag.FLOAT
            }
            sp = x
            pc = (pc + 5) | 0
            break done
          }
          case Fused.AddTTS:
          case Fused.SubtractTTS:
          case Fused.MultiplyTTS:
          case Fused.DivideTTS:
          case Fused.ModuloTTS: {
            const x = (sp - 4) | 0
            const y = (sp - 2) | 0
            const tag = I32[((x << 1) + 2) | 0] as number
            const other = I32[((y << 1) + 2) | 0] as number
            const to = (base + (I32[pc + 2] as number)) | 0
            if (tag === Tag.INTEGER && other === Tag.INTEGER && opcode !== Fused.DivideTTS) {
              const left = I64[x] as bigint
              const right = I64[y] as bigint
              if (opcode === Fused.AddTTS) I64[to] = left + right
              else if (opcode === Fused.SubtractTTS) I64[to] = left - right
              else if (opcode === Fused.MultiplyTTS) I64[to] = left * right
              else if (I32[y << 1] !== 0 || I32[(y << 1) | 1] !== 0) I64[to] = left % right
              else {
                word = opcode - Fused.AddTTS + Opcode.Add
                continue
              }
              I32[((to << 1) + 2) | 0] = Tag.INTEGER
            } else {
              let left: number
              let right: number
              if (tag === Tag.FLOAT && other === Tag.FLOAT) {
                left = F64[x] as number
                right = F64[y] as number
              } else if (!isNumber(tag) || !isNumber(other)) {
                word = opcode - Fused.AddTTS + Opcode.Add
                continue
              } else {
                if (tag === Tag.FLOAT) left = F64[x] as number
                else left = (I32[(x << 1) | 1] as number) * TWO_32 + ((I32[x << 1] as number) >>> 0)
                if (other === Tag.FLOAT) right = F64[y] as number
                else right = (I32[(y << 1) | 1] as number) * TWO_32 + ((I32[y << 1] as number) >>> 0)
              }
              if (opcode === Fused.AddTTS) F64[to] = left + right
              else if (opcode === Fused.SubtractTTS) F64[to] = left - right
              else if (opcode === Fused.MultiplyTTS) F64[to] = left * right
              else if (right === 0) {
                word = opcode - Fused.AddTTS + Opcode.Add
                continue
              } else if (opcode === Fused.DivideTTS) F64[to] = left / right
              else F64[to] = left % right
              I32[((to << 1) + 2) | 0] = Tag.FLOAT
            }
            sp = x
            pc = (pc + 3) | 0
            break done
          }
          case Fused.CountAndLoop:
          case Fused.CountAndLess: {
            const x = (base + (I32[pc + 1] as number)) | 0
            if (I32[((x << 1) + 2) | 0] !== Tag.INTEGER || fuel <= 1) {
              word = Opcode.GetLocal
              continue
            }
            I64[x] = (I64[x] as bigint) + (I64[I32[pc + 3] as number] as bigint)
            fuel = (fuel - 1) | 0
            pc = (start + (I32[pc + 8] as number)) | 0
            if (opcode === Fused.CountAndLoop) break done
            // What a loop starts with, LessLL or LessLK; other types go to that.
            const left = (base + (I32[pc + 1] as number)) | 0
            const right = ((I32[pc + 3] as number) + (I32[pc] === Fused.LessLL ? base : 0)) | 0
            if (I32[((left << 1) + 2) | 0] !== Tag.INTEGER || I32[((right << 1) + 2) | 0] !== Tag.INTEGER)
              break done
            if ((I64[left] as bigint) < (I64[right] as bigint)) pc = (pc + 7) | 0
            else pc = (start + (I32[pc + 6] as number)) | 0
            break done
          }
          case Opcode.Not:
          case Opcode.ToBoolean: {
            const x = (sp - 2) | 0
            const tag = I32[((x << 1) + 2) | 0] as number
            const falsy = tag === Tag.NULL || (tag === Tag.BOOLEAN && I32[x << 1] === 0)
            I64[x] = I64[falsy === (opcode === Opcode.Not) ? one : zero] as bigint
            I32[((x << 1) + 2) | 0] = Tag.BOOLEAN
            pc = (pc + 1) | 0
            break done
          }
          case Opcode.Negate: {
            const x = (sp - 2) | 0
            const tag = I32[((x << 1) + 2) | 0] as number
            if (tag === Tag.INTEGER) I64[x] = -(I64[x] as bigint)
            else if (tag === Tag.FLOAT) F64[x] = -(F64[x] as number)
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
            const x = (sp - 4) | 0
            const y = (sp - 2) | 0
            const tag = I32[((x << 1) + 2) | 0] as number
            const other = I32[((y << 1) + 2) | 0] as number
            let result: boolean
            if (tag === Tag.INTEGER && other === Tag.INTEGER) {
              const left = I64[x] as bigint
              const right = I64[y] as bigint
              if (opcode === Opcode.Less) result = left < right
              else if (opcode === Opcode.Greater) result = left > right
              else if (opcode === Opcode.LessEqual) result = left <= right
              else if (opcode === Opcode.GreaterEqual) result = left >= right
              else result = (left === right) === (opcode === Opcode.Equal)
            } else if (isNumber(tag) && isNumber(other)) {
              let left: number
              let right: number
              if (tag === Tag.FLOAT) left = F64[x] as number
              else left = (I32[(x << 1) | 1] as number) * TWO_32 + ((I32[x << 1] as number) >>> 0)
              if (other === Tag.FLOAT) right = F64[y] as number
              else right = (I32[(y << 1) | 1] as number) * TWO_32 + ((I32[y << 1] as number) >>> 0)
              if (opcode === Opcode.Less) result = left < right
              else if (opcode === Opcode.Greater) result = left > right
              else if (opcode === Opcode.LessEqual) result = left <= right
              else if (opcode === Opcode.GreaterEqual) result = left >= right
              else result = (left === right) === (opcode === Opcode.Equal)
            } else if (opcode === Opcode.Equal || opcode === Opcode.NotEqual) {
              const left = I32[x << 1] as number
              const right = I32[y << 1] as number
              let equal = false
              if (tag === other) {
                equal = left === right || tag === Tag.NULL
                // Strings of one length may be equal, if not both are the only ones of their text.
                if (
                  !equal &&
                  tag === Tag.STRING &&
                  I32[(left + StringLayout.LENGTH) >> 2] === I32[(right + StringLayout.LENGTH) >> 2] &&
                  (I32[(left + StringLayout.INTERNED) >> 2] === 0 ||
                    I32[(right + StringLayout.INTERNED) >> 2] === 0)
                )
                  break
              } else if (tag === Tag.STRING || other === Tag.STRING) break
              result = equal === (opcode === Opcode.Equal)
            } else {
              if (tag !== Tag.STRING || other !== Tag.STRING) break
              const a = I32[x << 1] as number
              const b = I32[y << 1] as number
              if (
                I32[(a + StringLayout.LENGTH) >> 2] !== 1 ||
                I32[(b + StringLayout.LENGTH) >> 2] !== 1 ||
                U8[a + Header.AUX] !== 1 ||
                U8[b + Header.AUX] !== 1
              )
                break
              const left = U8[I32[(a + StringLayout.DATA) >> 2] as number] as number
              const right = U8[I32[(b + StringLayout.DATA) >> 2] as number] as number
              if (opcode === Opcode.Less) result = left < right
              else if (opcode === Opcode.Greater) result = left > right
              else if (opcode === Opcode.LessEqual) result = left <= right
              else result = left >= right
            }
            pc = (pc + 1) | 0
            if (I32[pc] === Opcode.JumpIfFalse) {
              sp = x
              pc = result ? (pc + 2) | 0 : (start + (I32[pc + 1] as number)) | 0
              break done
            }
            I64[x] = I64[result ? one : zero] as bigint
            I32[((x << 1) + 2) | 0] = Tag.BOOLEAN
            sp = y
            break done
          }
          case Fused.LessLL: {
            const x = (base + (I32[pc + 1] as number)) | 0
            const y = (base + (I32[pc + 3] as number)) | 0
            const tag = I32[((x << 1) + 2) | 0] as number
            if (tag !== I32[((y << 1) + 2) | 0] || !isNumber(tag)) {
              word = Opcode.GetLocal
              continue
            }
            if (tag === Tag.INTEGER) {
              if ((I64[x] as bigint) < (I64[y] as bigint)) pc = (pc + 7) | 0
              else pc = (start + (I32[pc + 6] as number)) | 0
            } else if ((F64[x] as number) < (F64[y] as number)) pc = (pc + 7) | 0
            else pc = (start + (I32[pc + 6] as number)) | 0
            break done
          }
          case Fused.EqualLL:
          case Fused.NotEqualLL:
          case Fused.GreaterLL:
          case Fused.LessEqualLL:
          case Fused.GreaterEqualLL: {
            const x = (base + (I32[pc + 1] as number)) | 0
            const y = (base + (I32[pc + 3] as number)) | 0
            const tag = I32[((x << 1) + 2) | 0] as number
            const other = I32[((y << 1) + 2) | 0] as number
            let result: boolean
            if (tag === Tag.INTEGER && other === Tag.INTEGER) {
              const left = I64[x] as bigint
              const right = I64[y] as bigint
              if (opcode === Fused.GreaterLL) result = left > right
              else if (opcode === Fused.LessEqualLL) result = left <= right
              else if (opcode === Fused.GreaterEqualLL) result = left >= right
              else result = (left === right) === (opcode === Fused.EqualLL)
            } else if (isNumber(tag) && isNumber(other)) {
              let left: number
              let right: number
              if (tag === Tag.FLOAT) left = F64[x] as number
              else left = (I32[(x << 1) | 1] as number) * TWO_32 + ((I32[x << 1] as number) >>> 0)
              if (other === Tag.FLOAT) right = F64[y] as number
              else right = (I32[(y << 1) | 1] as number) * TWO_32 + ((I32[y << 1] as number) >>> 0)
              if (opcode === Fused.GreaterLL) result = left > right
              else if (opcode === Fused.LessEqualLL) result = left <= right
              else if (opcode === Fused.GreaterEqualLL) result = left >= right
              else result = (left === right) === (opcode === Fused.EqualLL)
            } else {
              if (tag !== Tag.STRING || other !== Tag.STRING || opcode > Fused.NotEqualLL) {
                word = Opcode.GetLocal
                continue
              }
              const left = I32[x << 1] as number
              const right = I32[y << 1] as number
              if (
                left !== right &&
                (I32[(left + StringLayout.INTERNED) >> 2] === 0 ||
                  I32[(right + StringLayout.INTERNED) >> 2] === 0)
              ) {
                word = Opcode.GetLocal
                continue
              }
              result = (left === right) === (opcode === Fused.EqualLL)
            }
            pc = result ? (pc + 7) | 0 : (start + (I32[pc + 6] as number)) | 0
            break done
          }
          case Fused.LessLK: {
            const x = (base + (I32[pc + 1] as number)) | 0
            const y = I32[pc + 3] as number
            const tag = I32[((x << 1) + 2) | 0] as number
            if (tag !== I32[((y << 1) + 2) | 0] || !isNumber(tag)) {
              word = Opcode.GetLocal
              continue
            }
            if (tag === Tag.INTEGER) {
              if ((I64[x] as bigint) < (I64[y] as bigint)) pc = (pc + 7) | 0
              else pc = (start + (I32[pc + 6] as number)) | 0
            } else if ((F64[x] as number) < (F64[y] as number)) pc = (pc + 7) | 0
            else pc = (start + (I32[pc + 6] as number)) | 0
            break done
          }
          case Fused.EqualLK:
          case Fused.NotEqualLK:
          case Fused.GreaterLK:
          case Fused.LessEqualLK:
          case Fused.GreaterEqualLK: {
            const x = (base + (I32[pc + 1] as number)) | 0
            const y = I32[pc + 3] as number
            const tag = I32[((x << 1) + 2) | 0] as number
            const other = I32[((y << 1) + 2) | 0] as number
            let result: boolean
            if (tag === Tag.INTEGER && other === Tag.INTEGER) {
              const left = I64[x] as bigint
              const right = I64[y] as bigint
              if (opcode === Fused.GreaterLK) result = left > right
              else if (opcode === Fused.LessEqualLK) result = left <= right
              else if (opcode === Fused.GreaterEqualLK) result = left >= right
              else result = (left === right) === (opcode === Fused.EqualLK)
            } else if (isNumber(tag) && isNumber(other)) {
              let left: number
              let right: number
              if (tag === Tag.FLOAT) left = F64[x] as number
              else left = (I32[(x << 1) | 1] as number) * TWO_32 + ((I32[x << 1] as number) >>> 0)
              if (other === Tag.FLOAT) right = F64[y] as number
              else right = (I32[(y << 1) | 1] as number) * TWO_32 + ((I32[y << 1] as number) >>> 0)
              if (opcode === Fused.GreaterLK) result = left > right
              else if (opcode === Fused.LessEqualLK) result = left <= right
              else if (opcode === Fused.GreaterEqualLK) result = left >= right
              else result = (left === right) === (opcode === Fused.EqualLK)
            } else {
              if (tag !== Tag.STRING || other !== Tag.STRING || opcode > Fused.NotEqualLK) {
                word = Opcode.GetLocal
                continue
              }
              const left = I32[x << 1] as number
              const right = I32[y << 1] as number
              if (
                left !== right &&
                (I32[(left + StringLayout.INTERNED) >> 2] === 0 ||
                  I32[(right + StringLayout.INTERNED) >> 2] === 0)
              ) {
                word = Opcode.GetLocal
                continue
              }
              result = (left === right) === (opcode === Fused.EqualLK)
            }
            pc = result ? (pc + 7) | 0 : (start + (I32[pc + 6] as number)) | 0
            break done
          }
          case Fused.EqualTL:
          case Fused.NotEqualTL:
          case Fused.LessTL:
          case Fused.GreaterTL:
          case Fused.LessEqualTL:
          case Fused.GreaterEqualTL: {
            const x = (sp - 2) | 0
            const y = (base + (I32[pc + 1] as number)) | 0
            const tag = I32[((x << 1) + 2) | 0] as number
            const other = I32[((y << 1) + 2) | 0] as number
            let result: boolean
            if (tag === Tag.INTEGER && other === Tag.INTEGER) {
              const left = I64[x] as bigint
              const right = I64[y] as bigint
              if (opcode === Fused.LessTL) result = left < right
              else if (opcode === Fused.GreaterTL) result = left > right
              else if (opcode === Fused.LessEqualTL) result = left <= right
              else if (opcode === Fused.GreaterEqualTL) result = left >= right
              else result = (left === right) === (opcode === Fused.EqualTL)
            } else if (isNumber(tag) && isNumber(other)) {
              let left: number
              let right: number
              if (tag === Tag.FLOAT) left = F64[x] as number
              else left = (I32[(x << 1) | 1] as number) * TWO_32 + ((I32[x << 1] as number) >>> 0)
              if (other === Tag.FLOAT) right = F64[y] as number
              else right = (I32[(y << 1) | 1] as number) * TWO_32 + ((I32[y << 1] as number) >>> 0)
              if (opcode === Fused.LessTL) result = left < right
              else if (opcode === Fused.GreaterTL) result = left > right
              else if (opcode === Fused.LessEqualTL) result = left <= right
              else if (opcode === Fused.GreaterEqualTL) result = left >= right
              else result = (left === right) === (opcode === Fused.EqualTL)
            } else {
              if (tag !== Tag.STRING || other !== Tag.STRING || opcode > Fused.NotEqualTL) {
                word = Opcode.GetLocal
                continue
              }
              const left = I32[x << 1] as number
              const right = I32[y << 1] as number
              if (
                left !== right &&
                (I32[(left + StringLayout.INTERNED) >> 2] === 0 ||
                  I32[(right + StringLayout.INTERNED) >> 2] === 0)
              ) {
                word = Opcode.GetLocal
                continue
              }
              result = (left === right) === (opcode === Fused.EqualTL)
            }
            sp = x
            pc = result ? (pc + 5) | 0 : (start + (I32[pc + 4] as number)) | 0
            break done
          }
          case Fused.EqualTK:
          case Fused.NotEqualTK:
          case Fused.LessTK:
          case Fused.GreaterTK:
          case Fused.LessEqualTK:
          case Fused.GreaterEqualTK: {
            const x = (sp - 2) | 0
            const y = I32[pc + 1] as number
            const tag = I32[((x << 1) + 2) | 0] as number
            const other = I32[((y << 1) + 2) | 0] as number
            let result: boolean
            if (tag === Tag.INTEGER && other === Tag.INTEGER) {
              const left = I64[x] as bigint
              const right = I64[y] as bigint
              if (opcode === Fused.LessTK) result = left < right
              else if (opcode === Fused.GreaterTK) result = left > right
              else if (opcode === Fused.LessEqualTK) result = left <= right
              else if (opcode === Fused.GreaterEqualTK) result = left >= right
              else result = (left === right) === (opcode === Fused.EqualTK)
            } else if (isNumber(tag) && isNumber(other)) {
              let left: number
              let right: number
              if (tag === Tag.FLOAT) left = F64[x] as number
              else left = (I32[(x << 1) | 1] as number) * TWO_32 + ((I32[x << 1] as number) >>> 0)
              if (other === Tag.FLOAT) right = F64[y] as number
              else right = (I32[(y << 1) | 1] as number) * TWO_32 + ((I32[y << 1] as number) >>> 0)
              if (opcode === Fused.LessTK) result = left < right
              else if (opcode === Fused.GreaterTK) result = left > right
              else if (opcode === Fused.LessEqualTK) result = left <= right
              else if (opcode === Fused.GreaterEqualTK) result = left >= right
              else result = (left === right) === (opcode === Fused.EqualTK)
            } else {
              if (tag !== Tag.STRING || other !== Tag.STRING || opcode > Fused.NotEqualTK) {
                word = Opcode.GetGlobal
                continue
              }
              const left = I32[x << 1] as number
              const right = I32[y << 1] as number
              if (
                left !== right &&
                (I32[(left + StringLayout.INTERNED) >> 2] === 0 ||
                  I32[(right + StringLayout.INTERNED) >> 2] === 0)
              ) {
                word = Opcode.GetGlobal
                continue
              }
              result = (left === right) === (opcode === Fused.EqualTK)
            }
            sp = x
            pc = result ? (pc + 5) | 0 : (start + (I32[pc + 4] as number)) | 0
            break done
          }
          case Opcode.Jump:
            pc = (start + (I32[pc + 1] as number)) | 0
            break done
          case Opcode.Loop:
            if (fuel <= 1) break
            fuel = (fuel - 1) | 0
            pc = (start + (I32[pc + 1] as number)) | 0
            break done
          case Opcode.JumpIfFalse: {
            sp = (sp - 2) | 0
            const tag = I32[((sp << 1) + 2) | 0] as number
            const falsy = tag === Tag.NULL || (tag === Tag.BOOLEAN && I32[sp << 1] === 0)
            pc = falsy ? (start + (I32[pc + 1] as number)) | 0 : (pc + 2) | 0
            break done
          }
          case Opcode.JumpIfTrue: {
            sp = (sp - 2) | 0
            const tag = I32[((sp << 1) + 2) | 0] as number
            const falsy = tag === Tag.NULL || (tag === Tag.BOOLEAN && I32[sp << 1] === 0)
            pc = falsy ? (pc + 2) | 0 : (start + (I32[pc + 1] as number)) | 0
            break done
          }
          case Opcode.GetIndex: {
            const x = (sp - 4) | 0
            const y = (sp - 2) | 0
            const tag = I32[((x << 1) + 2) | 0] as number
            const array = I32[x << 1] as number
            const index = I32[y << 1] as number
            // Strings have their length at the same place.
            if (
              (tag !== Tag.ARRAY && tag !== Tag.STRING) ||
              I32[((y << 1) + 2) | 0] !== Tag.INTEGER ||
              I32[(y << 1) | 1] !== 0 ||
              index >>> 0 >= (I32[(array + ArrayLayout.LENGTH) >> 2] as number)
            )
              break
            const data = I32[(array + ArrayLayout.DATA) >> 2] as number
            if (tag === Tag.ARRAY) {
              const from = ((data >> 3) + (index << 1)) | 0
              I64[x] = I64[from] as bigint
              I32[((x << 1) + 2) | 0] = I32[((from << 1) + 2) | 0] as number
            } else {
              if (U8[array + Header.AUX] !== 1) break
              const entry = Context.CHARACTERS + (U8[data + index] as number) * 8
              if (I32[entry >> 2] === 0) break
              I64[x] = I64[entry >> 3] as bigint
              I32[((x << 1) + 2) | 0] = Tag.STRING
            }
            sp = y
            pc = (pc + 1) | 0
            break done
          }
          case Fused.IndexLL: {
            const x = (base + (I32[pc + 1] as number)) | 0
            const y = (base + (I32[pc + 3] as number)) | 0
            const tag = I32[((x << 1) + 2) | 0] as number
            const array = I32[x << 1] as number
            const index = I32[y << 1] as number
            if (
              (tag !== Tag.ARRAY && tag !== Tag.STRING) ||
              I32[((y << 1) + 2) | 0] !== Tag.INTEGER ||
              I32[(y << 1) | 1] !== 0 ||
              index >>> 0 >= (I32[(array + ArrayLayout.LENGTH) >> 2] as number)
            ) {
              word = Opcode.GetLocal
              continue
            }
            const data = I32[(array + ArrayLayout.DATA) >> 2] as number
            const to = sp
            if (tag === Tag.ARRAY) {
              const from = ((data >> 3) + (index << 1)) | 0
              I64[to] = I64[from] as bigint
              I32[((to << 1) + 2) | 0] = I32[((from << 1) + 2) | 0] as number
            } else {
              if (U8[array + Header.AUX] !== 1) {
                word = Opcode.GetLocal
                continue
              }
              const entry = Context.CHARACTERS + (U8[data + index] as number) * 8
              if (I32[entry >> 2] === 0) {
                word = Opcode.GetLocal
                continue
              }
              I64[to] = I64[entry >> 3] as bigint
              I32[((to << 1) + 2) | 0] = Tag.STRING
            }
            sp = (sp + 2) | 0
            pc = (pc + 5) | 0
            break done
          }
          case Fused.IndexLLS: {
            const x = (base + (I32[pc + 1] as number)) | 0
            const y = (base + (I32[pc + 3] as number)) | 0
            const tag = I32[((x << 1) + 2) | 0] as number
            const array = I32[x << 1] as number
            const index = I32[y << 1] as number
            if (
              (tag !== Tag.ARRAY && tag !== Tag.STRING) ||
              I32[((y << 1) + 2) | 0] !== Tag.INTEGER ||
              I32[(y << 1) | 1] !== 0 ||
              index >>> 0 >= (I32[(array + ArrayLayout.LENGTH) >> 2] as number)
            ) {
              word = Opcode.GetLocal
              continue
            }
            const data = I32[(array + ArrayLayout.DATA) >> 2] as number
            const to = (base + (I32[pc + 6] as number)) | 0
            if (tag === Tag.ARRAY) {
              const from = ((data >> 3) + (index << 1)) | 0
              I64[to] = I64[from] as bigint
              I32[((to << 1) + 2) | 0] = I32[((from << 1) + 2) | 0] as number
            } else {
              if (U8[array + Header.AUX] !== 1) {
                word = Opcode.GetLocal
                continue
              }
              const entry = Context.CHARACTERS + (U8[data + index] as number) * 8
              if (I32[entry >> 2] === 0) {
                word = Opcode.GetLocal
                continue
              }
              I64[to] = I64[entry >> 3] as bigint
              I32[((to << 1) + 2) | 0] = Tag.STRING
            }
            pc = (pc + 7) | 0
            break done
          }
          case Fused.IndexLK: {
            const x = (base + (I32[pc + 1] as number)) | 0
            const y = I32[pc + 3] as number
            const tag = I32[((x << 1) + 2) | 0] as number
            const array = I32[x << 1] as number
            const index = I32[y << 1] as number
            if (
              (tag !== Tag.ARRAY && tag !== Tag.STRING) ||
              I32[((y << 1) + 2) | 0] !== Tag.INTEGER ||
              I32[(y << 1) | 1] !== 0 ||
              index >>> 0 >= (I32[(array + ArrayLayout.LENGTH) >> 2] as number)
            ) {
              word = Opcode.GetLocal
              continue
            }
            const data = I32[(array + ArrayLayout.DATA) >> 2] as number
            const to = sp
            if (tag === Tag.ARRAY) {
              const from = ((data >> 3) + (index << 1)) | 0
              I64[to] = I64[from] as bigint
              I32[((to << 1) + 2) | 0] = I32[((from << 1) + 2) | 0] as number
            } else {
              if (U8[array + Header.AUX] !== 1) {
                word = Opcode.GetLocal
                continue
              }
              const entry = Context.CHARACTERS + (U8[data + index] as number) * 8
              if (I32[entry >> 2] === 0) {
                word = Opcode.GetLocal
                continue
              }
              I64[to] = I64[entry >> 3] as bigint
              I32[((to << 1) + 2) | 0] = Tag.STRING
            }
            sp = (sp + 2) | 0
            pc = (pc + 5) | 0
            break done
          }
          case Fused.IndexLKS: {
            const x = (base + (I32[pc + 1] as number)) | 0
            const y = I32[pc + 3] as number
            const tag = I32[((x << 1) + 2) | 0] as number
            const array = I32[x << 1] as number
            const index = I32[y << 1] as number
            if (
              (tag !== Tag.ARRAY && tag !== Tag.STRING) ||
              I32[((y << 1) + 2) | 0] !== Tag.INTEGER ||
              I32[(y << 1) | 1] !== 0 ||
              index >>> 0 >= (I32[(array + ArrayLayout.LENGTH) >> 2] as number)
            ) {
              word = Opcode.GetLocal
              continue
            }
            const data = I32[(array + ArrayLayout.DATA) >> 2] as number
            const to = (base + (I32[pc + 6] as number)) | 0
            if (tag === Tag.ARRAY) {
              const from = ((data >> 3) + (index << 1)) | 0
              I64[to] = I64[from] as bigint
              I32[((to << 1) + 2) | 0] = I32[((from << 1) + 2) | 0] as number
            } else {
              if (U8[array + Header.AUX] !== 1) {
                word = Opcode.GetLocal
                continue
              }
              const entry = Context.CHARACTERS + (U8[data + index] as number) * 8
              if (I32[entry >> 2] === 0) {
                word = Opcode.GetLocal
                continue
              }
              I64[to] = I64[entry >> 3] as bigint
              I32[((to << 1) + 2) | 0] = Tag.STRING
            }
            pc = (pc + 7) | 0
            break done
          }
          case Fused.IndexTL: {
            const x = (sp - 2) | 0
            const y = (base + (I32[pc + 1] as number)) | 0
            const tag = I32[((x << 1) + 2) | 0] as number
            const array = I32[x << 1] as number
            const index = I32[y << 1] as number
            if (
              (tag !== Tag.ARRAY && tag !== Tag.STRING) ||
              I32[((y << 1) + 2) | 0] !== Tag.INTEGER ||
              I32[(y << 1) | 1] !== 0 ||
              index >>> 0 >= (I32[(array + ArrayLayout.LENGTH) >> 2] as number)
            ) {
              word = Opcode.GetLocal
              continue
            }
            const data = I32[(array + ArrayLayout.DATA) >> 2] as number
            const to = x
            if (tag === Tag.ARRAY) {
              const from = ((data >> 3) + (index << 1)) | 0
              I64[to] = I64[from] as bigint
              I32[((to << 1) + 2) | 0] = I32[((from << 1) + 2) | 0] as number
            } else {
              if (U8[array + Header.AUX] !== 1) {
                word = Opcode.GetLocal
                continue
              }
              const entry = Context.CHARACTERS + (U8[data + index] as number) * 8
              if (I32[entry >> 2] === 0) {
                word = Opcode.GetLocal
                continue
              }
              I64[to] = I64[entry >> 3] as bigint
              I32[((to << 1) + 2) | 0] = Tag.STRING
            }
            pc = (pc + 3) | 0
            break done
          }
          case Fused.IndexTLS: {
            const x = (sp - 2) | 0
            const y = (base + (I32[pc + 1] as number)) | 0
            const tag = I32[((x << 1) + 2) | 0] as number
            const array = I32[x << 1] as number
            const index = I32[y << 1] as number
            if (
              (tag !== Tag.ARRAY && tag !== Tag.STRING) ||
              I32[((y << 1) + 2) | 0] !== Tag.INTEGER ||
              I32[(y << 1) | 1] !== 0 ||
              index >>> 0 >= (I32[(array + ArrayLayout.LENGTH) >> 2] as number)
            ) {
              word = Opcode.GetLocal
              continue
            }
            const data = I32[(array + ArrayLayout.DATA) >> 2] as number
            const to = (base + (I32[pc + 4] as number)) | 0
            if (tag === Tag.ARRAY) {
              const from = ((data >> 3) + (index << 1)) | 0
              I64[to] = I64[from] as bigint
              I32[((to << 1) + 2) | 0] = I32[((from << 1) + 2) | 0] as number
            } else {
              if (U8[array + Header.AUX] !== 1) {
                word = Opcode.GetLocal
                continue
              }
              const entry = Context.CHARACTERS + (U8[data + index] as number) * 8
              if (I32[entry >> 2] === 0) {
                word = Opcode.GetLocal
                continue
              }
              I64[to] = I64[entry >> 3] as bigint
              I32[((to << 1) + 2) | 0] = Tag.STRING
            }
            sp = x
            pc = (pc + 5) | 0
            break done
          }
          case Fused.IndexTK: {
            const x = (sp - 2) | 0
            const y = I32[pc + 1] as number
            const tag = I32[((x << 1) + 2) | 0] as number
            const array = I32[x << 1] as number
            const index = I32[y << 1] as number
            if (
              (tag !== Tag.ARRAY && tag !== Tag.STRING) ||
              I32[((y << 1) + 2) | 0] !== Tag.INTEGER ||
              I32[(y << 1) | 1] !== 0 ||
              index >>> 0 >= (I32[(array + ArrayLayout.LENGTH) >> 2] as number)
            ) {
              word = Opcode.GetGlobal
              continue
            }
            const data = I32[(array + ArrayLayout.DATA) >> 2] as number
            const to = x
            if (tag === Tag.ARRAY) {
              const from = ((data >> 3) + (index << 1)) | 0
              I64[to] = I64[from] as bigint
              I32[((to << 1) + 2) | 0] = I32[((from << 1) + 2) | 0] as number
            } else {
              if (U8[array + Header.AUX] !== 1) {
                word = Opcode.GetGlobal
                continue
              }
              const entry = Context.CHARACTERS + (U8[data + index] as number) * 8
              if (I32[entry >> 2] === 0) {
                word = Opcode.GetGlobal
                continue
              }
              I64[to] = I64[entry >> 3] as bigint
              I32[((to << 1) + 2) | 0] = Tag.STRING
            }
            pc = (pc + 3) | 0
            break done
          }
          case Fused.SetIndexLLL:
          case Fused.SetIndexLLK:
          case Fused.SetIndexLLTrue:
          case Fused.SetIndexLLFalse: {
            const x = (base + (I32[pc + 1] as number)) | 0
            const y = (base + (I32[pc + 3] as number)) | 0
            const array = I32[x << 1] as number
            const index = I32[y << 1] as number
            if (
              I32[((x << 1) + 2) | 0] !== Tag.ARRAY ||
              I32[((y << 1) + 2) | 0] !== Tag.INTEGER ||
              I32[(y << 1) | 1] !== 0 ||
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
            const to = ((data >> 3) + (index << 1)) | 0
            if (opcode >= Fused.SetIndexLLTrue) {
              I64[to] = I64[opcode === Fused.SetIndexLLTrue ? one : zero] as bigint
              I32[((to << 1) + 2) | 0] = Tag.BOOLEAN
              pc = (pc + 7) | 0
              break done
            }
            let value = I32[pc + 5] as number
            if (opcode === Fused.SetIndexLLL) value = (value + base) | 0
            const tag = I32[((value << 1) + 2) | 0] as number
            if (tag === Tag.EMPTY) {
              word = Opcode.GetLocal
              continue
            }
            I64[to] = I64[value] as bigint
            I32[((to << 1) + 2) | 0] = tag
            pc = (pc + 8) | 0
            break done
          }
          case Opcode.SetIndex:
          case Fused.SetIndexPop: {
            const x = (sp - 6) | 0
            const y = (sp - 4) | 0
            const value = (sp - 2) | 0
            const array = I32[x << 1] as number
            const index = I32[y << 1] as number
            if (
              I32[((x << 1) + 2) | 0] !== Tag.ARRAY ||
              I32[((y << 1) + 2) | 0] !== Tag.INTEGER ||
              I32[(y << 1) | 1] !== 0 ||
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
            const to = ((data >> 3) + (index << 1)) | 0
            const tag = I32[((value << 1) + 2) | 0] as number
            I64[to] = I64[value] as bigint
            I32[((to << 1) + 2) | 0] = tag
            if (opcode === Fused.SetIndexPop) {
              sp = x
              pc = (pc + 2) | 0
              break done
            }
            I64[x] = I64[value] as bigint
            I32[((x << 1) + 2) | 0] = tag
            sp = y
            pc = (pc + 1) | 0
            break done
          }
          case Fused.Length:
          case Fused.LengthLocal: {
            const local = opcode === Fused.LengthLocal
            const x = local ? (base + (I32[pc + 1] as number)) | 0 : (sp - 2) | 0
            const tag = I32[((x << 1) + 2) | 0] as number
            if (tag !== Tag.ARRAY && tag !== Tag.STRING) {
              word = local ? Opcode.GetLocal : Opcode.GetProperty
              continue
            }
            // The upper half of the first 64-bit word, also of strings.
            const length = (I64[(I32[x << 1] as number) >> 3] as bigint) >> 32n
            sp = local ? (sp + 2) | 0 : sp
            I64[(sp - 2) | 0] = length
            I32[((sp << 1) - 2) | 0] = Tag.INTEGER
            pc = local ? (pc + 4) | 0 : (pc + 2) | 0
            break done
          }
          case Opcode.Call:
          case Opcode.CallMethod: {
            let count = I32[pc + 1] as number
            let callee: number
            let closure = 0
            if (opcode === Opcode.Call) {
              callee = (sp - ((count + 1) << 1)) | 0
              if (I32[((callee << 1) + 2) | 0] === Tag.CLOSURE) closure = I32[callee << 1] as number
            } else {
              const cache = count
              count = ((I32[pc + 2] as number) + 1) | 0
              const self = (sp - (count << 1)) | 0
              callee = (self - 2) | 0
              if (I32[((self << 1) + 2) | 0] === Tag.INSTANCE) {
                const object = I32[self << 1] as number
                if (I32[cache + Cache.CLASS] === I32[(object + InstanceLayout.CLASS) >> 2]) {
                  closure = I32[cache + Cache.VALUE] as number
                  I32[callee << 1] = closure
                  I32[(callee << 1) | 1] = baseHigh
                }
              }
            }
            if (closure === 0) break
            const record = (I32[(closure + ClosureLayout.FUNCTION) >> 2] as number) >> 2
            const depth =
              ((I32[Context.DEPTH >> 2] as number) - (I32[record + (FunctionLayout.CHARGE >> 2)] as number)) |
              0
            const calls = ((I32[record + (FunctionLayout.CALLS >> 2)] as number) + 1) | 0
            if (
              I32[record + (FunctionLayout.PARAMETERS >> 2)] !== count ||
              depth < 0 ||
              calls === I32[record + (FunctionLayout.NEXT_EVENT >> 2)] ||
              I32[record + (FunctionLayout.NATIVE >> 2)] !== 0 ||
              fuel <= 1
            )
              break
            fuel = (fuel - 1) | 0
            I32[record + (FunctionLayout.CALLS >> 2)] = calls
            I32[Context.DEPTH >> 2] = depth
            const frame = (callee + 2) | 0
            I32[((callee << 1) + 2) | 0] = Tag.CLOSURE | ((frame - base) << 7)
            I32[((callee << 1) + 3) | 0] = pc - start
            base = frame
            sp = (frame + ((I32[record + (FunctionLayout.LOCAL_BYTES >> 2)] as number) >> 3)) | 0
            start = I32[record + (FunctionLayout.START >> 2)] as number
            pc = start
            break done
          }
          case Opcode.Return: {
            const position = I32[((base << 1) + (Frame.LINK_POSITION >> 2)) | 0] as number
            if (position < 0) break
            const link = I32[((base << 1) + (Frame.LINK_TAG >> 2)) | 0] as number
            const to = (base - 2) | 0
            const from = (sp - 2) | 0
            const running = I32[to << 1] as number
            const left = (I32[(running + ClosureLayout.FUNCTION) >> 2] as number) >> 2
            const charge = I32[left + (FunctionLayout.CHARGE >> 2)] as number
            I32[Context.DEPTH >> 2] = ((I32[Context.DEPTH >> 2] as number) + charge) | 0
            I64[to] = I64[from] as bigint
            I32[((to << 1) + 2) | 0] = I32[((from << 1) + 2) | 0] as number
            sp = base
            base = (base - ((link >>> 8) << 1)) | 0
            const closure = I32[((base << 1) - 4) | 0] as number
            const record = (I32[(closure + ClosureLayout.FUNCTION) >> 2] as number) >> 2
            start = I32[record + (FunctionLayout.START >> 2)] as number
            pc = (start + position) | 0
            pc = (pc + (((I32[pc] as number) & ~OBSERVED) === (Opcode.New as number) ? 2 : 3)) | 0
            break done
          }
          case Opcode.GetField: {
            const self = (sp - 2) | 0
            const cache = I32[pc + 1] as number
            const object = I32[self << 1] as number
            if (
              I32[((self << 1) + 2) | 0] !== Tag.INSTANCE ||
              I32[cache + Cache.CLASS] !== I32[(object + InstanceLayout.CLASS) >> 2]
            )
              break
            const from = (object + (I32[cache + Cache.VALUE] as number)) >> 3
            I64[self] = I64[from] as bigint
            I32[((self << 1) + 2) | 0] = I32[((from << 1) + 2) | 0] as number
            pc = (pc + 2) | 0
            break done
          }
          case Fused.FieldLocal: {
            const self = (base + (I32[pc + 1] as number)) | 0
            const cache = I32[pc + 3] as number
            const object = I32[self << 1] as number
            if (
              I32[((self << 1) + 2) | 0] !== Tag.INSTANCE ||
              I32[cache + Cache.CLASS] !== I32[(object + InstanceLayout.CLASS) >> 2]
            ) {
              word = Opcode.GetLocal
              continue
            }
            const from = (object + (I32[cache + Cache.VALUE] as number)) >> 3
            I64[sp] = I64[from] as bigint
            I32[((sp << 1) + 2) | 0] = I32[((from << 1) + 2) | 0] as number
            sp = (sp + 2) | 0
            pc = (pc + 4) | 0
            break done
          }
          case Opcode.SetField:
          case Fused.SetFieldLocal: {
            const local = opcode === Fused.SetFieldLocal
            const self = (local ? base + (I32[pc + 1] as number) : sp - 2) | 0
            const cache = I32[local ? pc + 3 : pc + 1] as number
            const object = I32[self << 1] as number
            if (
              I32[((self << 1) + 2) | 0] !== Tag.INSTANCE ||
              I32[cache + Cache.CLASS] !== I32[(object + InstanceLayout.CLASS) >> 2]
            ) {
              if (!local) break
              word = Opcode.GetLocal
              continue
            }
            const to = (object + (I32[cache + Cache.VALUE] as number)) >> 3
            sp = (local ? sp - 2 : sp - 4) | 0
            I64[to] = I64[sp] as bigint
            I32[((to << 1) + 2) | 0] = I32[((sp << 1) + 2) | 0] as number
            pc = local ? (pc + 4) | 0 : (pc + 2) | 0
            break done
          }
          case Opcode.ClearLocal:
            I32[((((base + (I32[pc + 1] as number)) | 0) << 1) + 2) | 0] = Tag.EMPTY
            pc = (pc + 2) | 0
            break done
          case Opcode.Drop:
            sp = (sp - ((I32[pc + 1] as number) << 1)) | 0
            pc = (pc + 2) | 0
            break done
          default:
        }
        state.base = base << 3
        state.sp = sp << 3
        state.pc = pc
        state.start = start
        state.fuel = fuel
        return opcode
      }
      word = I32[pc] as number
    }
  }
}
