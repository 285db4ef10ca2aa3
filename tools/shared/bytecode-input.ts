/** Which inputs are bytecode and not source text; by their first bytes, so that a plain run loads nothing. */

/** Comments and empty lines, then the word that the text form of bytecode begins with. */
const TEXT_FORM = /^(?:[ \t\r]*(?:;[^\n]*)?\n)*[ \t]*rush-bytecode\b/
const JSON_FORM = /^\s*\{\s*"format"\s*:\s*"rush-bytecode"/
/** Of a msgpack document: a map, which no UTF-8 text begins with. */
const MAPS = { fixed: 0x80, lastFixed: 0x8f, map16: 0xde, map32: 0xdf } as const

function beginning(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, 4096)).toString('latin1')
}

/** Whether `bytes` are the text form of bytecode. */
export function isBytecodeText(bytes: Uint8Array): boolean {
  return TEXT_FORM.test(beginning(bytes))
}

/** Whether an input is bytecode in any form, or at least is called so. */
export function holdsBytecode(bytes: Uint8Array, file: string): boolean {
  const first = bytes[0] ?? 0
  if (first >= MAPS.fixed && first <= MAPS.lastFixed) return true
  if (first === MAPS.map16 || first === MAPS.map32 || file.endsWith('.rbc')) return true
  return isBytecodeText(bytes) || JSON_FORM.test(beginning(bytes))
}
