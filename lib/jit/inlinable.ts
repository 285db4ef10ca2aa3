/** Which functions may be inlined by the look of them; the compiler and the tier manager agree on that. */
import { hasLoop } from '../bytecode/instructions.js'
import type { BytecodeFunction } from '../bytecode/program.js'

/** Words of bytecode of a function that is inlined. */
const LARGEST = 120

/** No loops, no handlers, not much code. */
export function isSmall({ code, handlers }: BytecodeFunction): boolean {
  return code.length <= LARGEST && handlers.length === 0 && !hasLoop(code)
}

/** The same of functions of which at least a part may be inlined. */
export function isRatherSmall({ code, handlers }: BytecodeFunction): boolean {
  return code.length <= 2 * LARGEST && handlers.length === 0
}
