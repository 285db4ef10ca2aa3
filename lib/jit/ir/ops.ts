/**
 * The one table of IR operations. The IR is in SSA form with block parameters and low-level: values are
 * machine words in two register classes, slots of the frame are read and written explicitly, tags are
 * ordinary words. What a Rush value is (payload and tag) is known to the builder only.
 */

/** Register class of a value: 'i' general (64-bit words, tags, booleans, pointers), 'f' float64. */
export type ValueClass = 'i' | 'f'

/**
 * What passes ask of an operation. 'pure': the result depends on the arguments alone. 'load', 'store': of memory of
 * the class that the instruction names. 'read': the result depends on other things, too. 'guard': leaves native
 * code if what it demands does not hold. 'other': none of these.
 */
export type OpKind = 'pure' | 'load' | 'store' | 'read' | 'guard' | 'other'

export interface OpInfo {
  /** Number of its row. */
  code: number
  /** Classes of the arguments; '*' = any number of any class. */
  args: readonly ValueClass[] | '*'
  /** Class of the result. */
  result: ValueClass | null
  kind: OpKind
  /** See `isConstant` in `graph.ts`. */
  constant: boolean
  /** Must not be removed even if its result is unused. */
  effect: boolean
  /** Has a snapshot: leaves native code (guards) or yields and comes back (fallbacks). */
  snapshot: boolean
  /** Ends a block. */
  terminator: boolean
  /** Takes memory off the heap natively, or runs code that may. */
  takesMemory: boolean
  is: string
}

type Flags = Partial<Pick<OpInfo, 'kind' | 'constant' | 'effect' | 'snapshot' | 'terminator' | 'takesMemory'>>

let rows = 0

function op(
  args: readonly ValueClass[] | '*',
  result: ValueClass | null,
  is: string,
  flags: Flags = {},
): OpInfo {
  const {
    constant = false,
    effect = false,
    snapshot = false,
    terminator = false,
    takesMemory = false,
  } = flags
  const { kind = effect ? 'other' : 'pure' } = flags
  return { code: rows++, args, result, kind, constant, effect, snapshot, terminator, takesMemory, is }
}

const CONSTANT: Flags = { constant: true }
const LOAD: Flags = { kind: 'load' }
const STORE: Flags = { kind: 'store', effect: true }
const READ: Flags = { kind: 'read' }
/** It has its place although nobody may need it: the VM may have to take the call over. */
const ARGUMENT: Flags = { kind: 'read', effect: true }
const EFFECT: Flags = { effect: true }
const GUARD: Flags = { kind: 'guard', effect: true, snapshot: true }
const FALLBACK: Flags = { effect: true, snapshot: true }
/** What is made natively as long as there are free cells. */
const MAKES: Flags = { ...FALLBACK, takesMemory: true }
const CALL: Flags = { effect: true, takesMemory: true }
const END: Flags = { effect: true, terminator: true }

export const OPS = {
  // Constants. They take no register: each use makes them anew.
  int: op([], 'i', 'the 64-bit constant `imm`', CONSTANT),
  float: op([], 'f', 'the float64 whose bits are `imm`', CONSTANT),
  address: op([], 'i', 'the address that `symbol` stands for', CONSTANT),
  context: op([], 'i', 'the address of the context block, which has a register of its own', CONSTANT),

  // Memory: `imm` is a byte offset from the argument; frame ones are relative to the frame base.
  argument: op([], 'i', 'a parameter that comes in a register; `imm`: see `argumentOf`', ARGUMENT),
  'argument.float': op([], 'f', 'the same of a FLOAT', ARGUMENT),
  'frame.load': op([], 'i', 'word of the frame at `imm`', READ),
  'frame.tag': op([], 'i', 'tag (32 bits) of the frame slot at `imm`', READ),
  'frame.float': op([], 'f', 'float64 of the frame at `imm`', READ),
  'frame.put': op('*', null, 'write the frame slot at `imm`: [payload,] tag', EFFECT),
  load: op(['i'], 'i', 'word at argument + `imm`', LOAD),
  load32: op(['i'], 'i', '32 bits at argument + `imm`, zero extended', LOAD),
  loadf: op(['i'], 'f', 'float64 at argument + `imm`', LOAD),
  store: op(['i', 'i'], null, 'store the second argument at the first + `imm`', STORE),
  storef: op(['i', 'f'], null, 'store the second argument at the first + `imm`', STORE),
  store32: op(['i', 'i'], null, 'store 32 bits of the second argument at the first + `imm`', STORE),
  load8: op(['i'], 'i', '8 bits at argument + `imm`, zero extended', LOAD),
  pointer: op(['i', 'i'], 'i', 'address of word number 2nd of the table at 1st: 1st + 2nd * 8'),
  element: op(['i', 'i'], 'i', 'address of slot number 2nd of the block at 1st: 1st + 2nd * 16'),

  'int.add': op(['i', 'i'], 'i', 'wraps at 64 bits'),
  'int.sub': op(['i', 'i'], 'i', 'wraps'),
  'int.mul': op(['i', 'i'], 'i', 'wraps'),
  'int.rem': op(['i', 'i'], 'i', 'sign of the left; the right is not 0'),
  'int.neg': op(['i'], 'i', 'wraps'),
  'int.and': op(['i'], 'i', 'the bits of `imm`, 0 to 2^31 - 1'),
  'int.floordiv': op(['i'], 'i', 'the argument / 2^`imm` as float64, rounded down to an integer'),
  'int.abs': op(['i'], 'i', 'wraps'),
  'int.min': op(['i', 'i'], 'i', 'the smaller'),
  'int.max': op(['i', 'i'], 'i', 'the larger'),
  'int.select': op(['i', 'i', 'i', 'i'], 'i', 'the 3rd if the first two are equal (32 bits), else the 4th'),
  'int.eq': op(['i', 'i'], 'i', '1 if equal, else 0 (also pointers, booleans, tags)'),
  'int.ne': op(['i', 'i'], 'i', '1 if different'),
  'int.lt': op(['i', 'i'], 'i', 'signed'),
  'int.le': op(['i', 'i'], 'i', 'signed'),
  'int.gt': op(['i', 'i'], 'i', 'signed'),
  'int.ge': op(['i', 'i'], 'i', 'signed'),
  'int.below': op(['i', 'i'], 'i', '1st < 2nd, unsigned'),
  'float.add': op(['f', 'f'], 'f', ''),
  'float.sub': op(['f', 'f'], 'f', ''),
  'float.mul': op(['f', 'f'], 'f', ''),
  'float.div': op(['f', 'f'], 'f', 'the right is not 0'),
  'float.neg': op(['f'], 'f', ''),
  'float.abs': op(['f'], 'f', ''),
  'float.sqrt': op(['f'], 'f', ''),
  'float.min': op(['f', 'f'], 'f', 'the 2nd if it is less than the 1st, else the 1st'),
  'float.max': op(['f', 'f'], 'f', 'the 2nd if it is greater than the 1st, else the 1st'),
  'float.floor': op(['f'], 'f', 'towards minus infinity'),
  'float.ceil': op(['f'], 'f', 'towards plus infinity'),
  'float.truncate': op(['f'], 'f', 'towards zero'),
  'number.tofloat': op(['i', 'i'], 'f', 'payload, tag of an INTEGER or FLOAT: as float64'),
  'float.toint': op(['f'], 'i', 'truncates; the float lies in the int64 range'),
  'float.eq': op(['f', 'f'], 'i', 'false if unordered'),
  'float.ne': op(['f', 'f'], 'i', 'true if unordered'),
  'float.lt': op(['f', 'f'], 'i', 'false if unordered'),
  'float.le': op(['f', 'f'], 'i', 'false if unordered'),
  'float.gt': op(['f', 'f'], 'i', 'false if unordered'),
  'float.ge': op(['f', 'f'], 'i', 'false if unordered'),
  'int.tofloat': op(['i'], 'f', 'nearest float64'),
  copy: op(['i'], 'i', 'the argument, in a place of its own'),
  'copy.float': op(['f'], 'f', 'the same of a float'),
  reload: op(
    ['i'],
    'i',
    'the argument, which is in memory, in a register if there is one; else it stays there',
  ),
  'reload.float': op(['f'], 'f', 'the same of a float'),
  'bits.tofloat': op(['i'], 'f', 'the same 64 bits'),
  'float.tobits': op(['f'], 'i', 'the same 64 bits'),
  'bool.not': op(['i'], 'i', '1 - argument'),
  truthy: op(['i', 'i'], 'i', 'payload, tag: 0 for null and false, else 1'),

  // Guards leave native code for good where they fail; the snapshot says where the VM goes on.
  'guard.tag': op(['i'], null, 'the tag is `imm`', GUARD),
  'guard.number': op(['i'], null, 'the tag is INTEGER or FLOAT', GUARD),
  'guard.nottag': op(['i'], null, 'the tag is not `imm`', GUARD),
  'guard.eq': op(['i', 'i'], null, 'the words are equal', GUARD),
  'guard.le': op(['i', 'i'], null, 'the first is at most the second, signed', GUARD),
  'guard.ref': op(['i'], null, 'the reference is that of `symbol`', GUARD),
  'guard.function': op(['i'], null, 'the CLOSURE runs the FUNCTION `symbol`', GUARD),
  'guard.class': op(['i'], null, 'the class of the INSTANCE is `symbol`', GUARD),
  'guard.home': op(['i'], null, 'the home class of the CLOSURE is `symbol`', GUARD),
  'guard.fields': op(['i'], null, 'the INSTANCE has more than `imm` fields', GUARD),
  'guard.narrow': op(['i'], null, 'the characters of the STRING take one byte each', GUARD),
  'guard.integral': op(['f'], null, 'the float64 is a whole number of the int64 range', GUARD),
  'guard.int64': op(['f'], null, 'the float64 lies between -2^63 and 2^63, both excluded', GUARD),
  'guard.positive': op(['f'], null, 'the float64 is 0 or more', GUARD),
  'guard.nonzero': op(['i'], null, 'the word is not 0', GUARD),
  'guard.fnonzero': op(['f'], null, 'the float64 is not 0 or -0', GUARD),
  'guard.depth': op([], null, 'calls of depth `imm` may still be made', GUARD),
  'guard.below': op(['i', 'i'], null, '1st < 2nd, unsigned', GUARD),

  // Fallbacks: the VM executes the instruction at the snapshot's position, then native code goes on.
  step: op([], null, 'the VM executes this instruction; operands and live locals are in the frame', FALLBACK),
  poll: op([], null, 'a safepoint if one is asked for (imm 1: the loop takes no memory)', FALLBACK),
  'array.own': op(
    ['i', 'i'],
    'i',
    'ARRAY, index in range: where its elements are, for writing this one; shared ones are copied, or fall back',
    FALLBACK,
  ),
  'array.unshare': op(
    ['i'],
    'i',
    'ARRAY: where its elements are, for writing any; shared ones are copied, or leave',
    FALLBACK,
  ),
  'slot.store': op('*', null, 'pointer, tag[, payload]: write the slot at pointer + `imm`', EFFECT),

  alloc: op(
    [],
    'i',
    'a new object; `imm`: see `allocationOf`. All other fields must be written at once',
    MAKES,
  ),
  'array.push': op(
    '*',
    'i',
    'array, tag[, payload]: a new ARRAY with the value at the end, or fall back; `imm`: where the result goes then',
    MAKES,
  ),
  'array.append': op(
    '*',
    'i',
    'the same where nobody else sees the array, which is changed and is the result; see append-in-place',
    MAKES,
  ),

  'method.find': op(
    ['i'],
    'i',
    'the closure that CallMethod calls for this class, 0 = none; `symbol`: the name, `imm`: see `method-cache.ts`',
    FALLBACK,
  ),
  call: op(
    '*',
    'i',
    'call the FUNCTION record; callee slot and arguments are in the frame, but those that follow as operands; `imm`: see `callOf`; gives the payload',
    CALL,
  ),
  'call.tag': op(['i'], 'i', 'the tag of the result of the call just before', EFFECT),

  // Strings and hashes: partly by routines (`lib/jit/routines`).
  'string.equal': op(['i', 'i'], 'i', '`imm` if the STRINGs have the same text, else 1 - `imm`'),
  'value.is': op(['i', 'i'], 'i', 'payload, tag: whether the value == a constant; `imm`: see `wordOf`'),
  'string.order': op(['i', 'i'], 'i', 'negative, 0 or positive: the order of two STRINGs'),
  'string.at': op(['i', 'i'], 'i', 'STRING, index in range: the character as a STRING, or fall back', MAKES),
  'string.add': op(
    ['i', 'i'],
    'i',
    'concatenation of two STRINGs, or fall back (`imm` as for array.push)',
    MAKES,
  ),
  'string.addinteger': op(['i', 'i'], 'i', 'the same of a STRING and an INTEGER', MAKES),
  'integer.addstring': op(['i', 'i'], 'i', 'the same of an INTEGER and a STRING', MAKES),
  'integer.text': op(['i'], 'i', 'the digits of an INTEGER as a STRING, or fall back', MAKES),
  'string.part': op(['i', 'i', 'i'], 'i', 'STRING, start, count: `substr`, or fall back', MAKES),
  'array.part': op(['i', 'i', 'i'], 'i', 'ARRAY, start, end: `slice`, or fall back', MAKES),
  'hash.keys': op(['i'], 'i', 'the keys of a HASH as an ARRAY, or fall back', MAKES),
  'hash.values': op(['i'], 'i', 'the values of a HASH as an ARRAY, or fall back', MAKES),
  'hash.find': op(['i', 'i'], 'i', 'address of the value that a HASH has for a key with the tag `imm`', READ),
  'hash.store': op('*', null, 'hash, key with tag `imm`, tag[, payload]: set a value, or fall back', MAKES),

  jump: op([], null, 'go to the target', END),
  branch: op(['i'], null, 'go to the first target if the argument is not 0, else to the second', END),
  return: op(['i', 'i'], null, 'return payload, tag', END),
  leave: op([], null, 'go on in the VM at the snapshot', { effect: true, snapshot: true, terminator: true }),
} as const satisfies Record<string, OpInfo>

export type OpName = keyof typeof OPS

export function opInfo(name: OpName): OpInfo {
  return OPS[name]
}

/** A table by `OpInfo.code`, which finds sooner than one by name. */
export function byCode<T>(rows: { readonly [K in OpName]?: T }): readonly (T | undefined)[] {
  return (Object.keys(OPS) as OpName[]).map((name) => rows[name])
}

/** The `imm` of `value.is`: what to compare with (a Word), and what it gives if the two are equal. */
export function packWord(word: number, result: boolean): bigint {
  return BigInt(word * 2 + (result ? 1 : 0))
}

export function wordOf(imm: bigint): number {
  return Number(imm >> 1n)
}

/** The slot that an `argument` belongs to (a byte offset from the frame base), and its tag, as its `imm`. */
export function packArgument(offset: number, tag: number): bigint {
  return (BigInt(tag) << 32n) | BigInt(offset)
}

export function argumentOf(imm: bigint): { offset: number; tag: number } {
  return { offset: Number(imm & 0xffffffffn), tag: Number(imm >> 32n) }
}

/** What an `alloc` makes, as its `imm`: kind, size class, and whether a collection may run before. */
export interface Allocation {
  kind: number
  sizeClass: number
  collects: boolean
}

export function packAllocation({ kind, sizeClass, collects }: Allocation): bigint {
  return BigInt(kind | (sizeClass << 8) | (collects ? 0x10000 : 0))
}

export function allocationOf(imm: bigint): Allocation {
  const word = Number(imm)
  return { kind: word & 255, sizeClass: (word >> 8) & 255, collects: word >= 0x10000 }
}
