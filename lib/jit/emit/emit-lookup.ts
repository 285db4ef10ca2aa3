/** Looking methods up by class and name. */
import { Label } from '../../asm/buffer.js'
import { Context } from '../../heap/layout.js'
import { METHOD_CACHE_MASK, METHOD_CACHE_SHIFT, MethodEntry } from '../../runtime/method-cache.js'
import { METHOD_REQUEST } from '../../vm/segments.js'
import type { Instruction, Value } from '../ir/graph.js'
import type { FunctionEmitter } from './emit-function.js'

/** Where the cache has another class or name, the host puts the method there and native code looks again. */
export function emitMethodFind(e: FunctionEmitter, instruction: Instruction): void {
  const { m } = e
  const again = new Label()
  const slow = new Label()
  m.bind(again)
  const classObject = e.use(instruction.args[0] as Value)
  const entry = e.takeScratch()
  const table = e.takeScratch()
  m.shiftRight(entry, classObject, METHOD_CACHE_SHIFT)
  m.xorConstant(entry, entry, Number(instruction.imm))
  m.andConstant(entry, entry, METHOD_CACHE_MASK)
  m.load(table, m.roles.context, Context.METHOD_CACHE)
  m.add(entry, entry, table)
  m.compareMemory32(classObject, entry, MethodEntry.CLASS)
  m.branch('ne', slow)
  m.compareMemory32Symbol(entry, MethodEntry.NAME, instruction.symbol as string)
  m.branch('ne', slow)
  e.keepOnly(entry)
  e.result(instruction, (d) => m.load(d, entry, MethodEntry.CLOSURE))
  e.requestAndRetry(instruction, slow, again, METHOD_REQUEST)
}
