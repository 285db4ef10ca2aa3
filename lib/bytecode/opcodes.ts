/**
 * The one table of bytecode instructions. The encoder, printer, text parser, verifier, VM, JIT front
 * end and documentation follow from it.
 *
 * Code is a flat array of 32-bit words: an opcode word followed by its operand words. A *position*
 * is a word index; jump operands are absolute positions. The machine is a stack machine whose
 * operand stack lies in the frame behind the locals.
 */

/** What an operand word means; the verifier checks its range and the printer shows what it names. */
export type OperandKind =
  | 'constant' // index into constants
  | 'name' // index into constants, a string
  | 'integer' // a signed 32-bit number
  | 'count' // a number of operands on the stack
  | 'local' // local slot of the frame
  | 'upvalue' // captured cell of the running closure
  | 'global' // global slot
  | 'function' // index into functions
  | 'class' // index into classes
  | 'builtin' // index into the program's builtins table
  | 'module' // index into modules
  | 'jump' // position in the same function

export interface OpcodeInfo {
  name: string
  code: number
  operands: readonly { name: string; kind: OperandKind }[]
  /** Values taken from the operand stack; 'count' operands add to it (see `pops`). */
  pops: number
  pushes: number
  /** May raise a Rush error. */
  throws: boolean
  /** May run other Rush code: a safepoint at which all live slots are in the frame. */
  calls: boolean
  /** May allocate on the heap. */
  allocates: boolean
  /** Control does not fall through to the next instruction. */
  ends: boolean
  description: string
}

interface Row {
  code: Opcode
  operands?: readonly (readonly [string, OperandKind])[]
  /** How many values it takes; a 'count' operand is added, times `per`. */
  pops?: number
  per?: number
  pushes?: number
  flags?: string
  is: string
}

/** Opcode numbers. Literals after compilation, so that the VM's `switch` becomes a jump table. */
export const enum Opcode {
  Constant,
  Integer,
  Null,
  True,
  False,
  Pop,
  Drop,
  Dup,
  GetLocal,
  GetLocalChecked,
  SetLocal,
  ClearLocal,
  NewCell,
  GetCell,
  SetCell,
  GetUpvalue,
  SetUpvalue,
  GetGlobal,
  SetGlobal,
  GetBuiltin,
  GetUnbound,
  Add,
  Subtract,
  Multiply,
  Divide,
  Modulo,
  Equal,
  NotEqual,
  Less,
  Greater,
  LessEqual,
  GreaterEqual,
  Negate,
  Not,
  ToBoolean,
  SameCase,
  Jump,
  Loop,
  JumpIfFalse,
  JumpIfTrue,
  Closure,
  Call,
  CallMethod,
  New,
  CallSuper,
  Return,
  Array,
  Append,
  Hash,
  Insert,
  GetIndex,
  SetIndex,
  GetProperty,
  GetField,
  SetField,
  Class,
  Subclass,
  Method,
  Throw,
  ErrorIs,
  Fail,
  Import,
  Imported,
  ImportFailed,
  GetExport,
}

/*
 * flags: t = may throw, c = may call, a = may allocate, e = ends the block.
 * Append only, or raise the format version.
 */
const ROWS = {
  Constant: { code: Opcode.Constant, operands: [['constant', 'constant']], pushes: 1, is: 'push a constant' },
  Integer: { code: Opcode.Integer, operands: [['value', 'integer']], pushes: 1, is: 'push a small integer' },
  Null: { code: Opcode.Null, pushes: 1, is: 'push null; also reserves a slot for a callee or a result' },
  True: { code: Opcode.True, pushes: 1, is: 'push true' },
  False: { code: Opcode.False, pushes: 1, is: 'push false' },
  Pop: { code: Opcode.Pop, pops: 1, is: 'drop the top' },
  Drop: { code: Opcode.Drop, operands: [['count', 'count']], pops: 0, is: 'drop count values' },
  Dup: { code: Opcode.Dup, pops: 1, pushes: 2, is: 'push the top once more' },

  GetLocal: {
    code: Opcode.GetLocal,
    operands: [['local', 'local']],
    pushes: 1,
    is: 'push a local that surely has a value',
  },
  GetLocalChecked: {
    code: Opcode.GetLocalChecked,
    operands: [
      ['local', 'local'],
      ['name', 'name'],
    ],
    pushes: 1,
    flags: 't',
    is: 'push a local; error "identifier not found" if it has no value yet',
  },
  SetLocal: { code: Opcode.SetLocal, operands: [['local', 'local']], pops: 1, is: 'pop into a local' },
  ClearLocal: {
    code: Opcode.ClearLocal,
    operands: [['local', 'local']],
    is: 'give a local the state "no value yet"',
  },
  NewCell: {
    code: Opcode.NewCell,
    operands: [['local', 'local']],
    flags: 'a',
    is: 'replace a local by a fresh cell that holds what the local held',
  },
  GetCell: {
    code: Opcode.GetCell,
    operands: [
      ['local', 'local'],
      ['name', 'name'],
    ],
    pushes: 1,
    flags: 't',
    is: 'push the content of the cell in a local; error if it has no value yet',
  },
  SetCell: {
    code: Opcode.SetCell,
    operands: [['local', 'local']],
    pops: 1,
    is: 'pop into the cell in a local',
  },
  GetUpvalue: {
    code: Opcode.GetUpvalue,
    operands: [
      ['upvalue', 'upvalue'],
      ['name', 'name'],
    ],
    pushes: 1,
    flags: 't',
    is: 'push the content of a captured cell; error if it has no value yet',
  },
  SetUpvalue: {
    code: Opcode.SetUpvalue,
    operands: [['upvalue', 'upvalue']],
    pops: 1,
    is: 'pop into a captured cell',
  },
  GetGlobal: {
    code: Opcode.GetGlobal,
    operands: [['global', 'global']],
    pushes: 1,
    flags: 't',
    is: 'push a file-level variable; error if it has no value yet',
  },
  SetGlobal: {
    code: Opcode.SetGlobal,
    operands: [['global', 'global']],
    pops: 1,
    is: 'pop into a file-level variable',
  },
  GetBuiltin: {
    code: Opcode.GetBuiltin,
    operands: [['builtin', 'builtin']],
    pushes: 1,
    is: 'push a built-in function',
  },
  GetUnbound: {
    code: Opcode.GetUnbound,
    operands: [['name', 'name']],
    pushes: 1,
    flags: 't',
    is: 'a name bound nowhere: push an error constructor for names like XyzError, else the error "identifier not found"',
  },

  Add: { code: Opcode.Add, pops: 2, pushes: 1, flags: 'ta', is: 'left + right' },
  Subtract: { code: Opcode.Subtract, pops: 2, pushes: 1, flags: 't', is: 'left - right' },
  Multiply: { code: Opcode.Multiply, pops: 2, pushes: 1, flags: 't', is: 'left * right' },
  Divide: { code: Opcode.Divide, pops: 2, pushes: 1, flags: 't', is: 'left / right' },
  Modulo: { code: Opcode.Modulo, pops: 2, pushes: 1, flags: 't', is: 'left % right' },
  Equal: { code: Opcode.Equal, pops: 2, pushes: 1, is: 'left == right' },
  NotEqual: { code: Opcode.NotEqual, pops: 2, pushes: 1, is: 'left != right' },
  Less: { code: Opcode.Less, pops: 2, pushes: 1, flags: 't', is: 'left < right' },
  Greater: { code: Opcode.Greater, pops: 2, pushes: 1, flags: 't', is: 'left > right' },
  LessEqual: { code: Opcode.LessEqual, pops: 2, pushes: 1, flags: 't', is: 'left <= right' },
  GreaterEqual: { code: Opcode.GreaterEqual, pops: 2, pushes: 1, flags: 't', is: 'left >= right' },
  Negate: { code: Opcode.Negate, pops: 1, pushes: 1, flags: 't', is: '-operand' },
  Not: { code: Opcode.Not, pops: 1, pushes: 1, is: 'the opposite truth value' },
  ToBoolean: { code: Opcode.ToBoolean, pops: 1, pushes: 1, is: 'the truth value' },
  SameCase: {
    code: Opcode.SameCase,
    pops: 2,
    pushes: 1,
    is: 'whether a switch value matches a case value: same type and value',
  },

  Jump: { code: Opcode.Jump, operands: [['target', 'jump']], flags: 'e', is: 'go forward' },
  Loop: {
    code: Opcode.Loop,
    operands: [['target', 'jump']],
    flags: 'ce',
    is: 'go back to a loop header: counts, and is a safepoint',
  },
  JumpIfFalse: {
    code: Opcode.JumpIfFalse,
    operands: [['target', 'jump']],
    pops: 1,
    is: 'pop; go there if false or null',
  },
  JumpIfTrue: {
    code: Opcode.JumpIfTrue,
    operands: [['target', 'jump']],
    pops: 1,
    is: 'pop; go there unless false or null',
  },

  Closure: {
    code: Opcode.Closure,
    operands: [['function', 'function']],
    pushes: 1,
    flags: 'a',
    is: "push a closure; the function's captures say which cells it takes",
  },
  Call: {
    code: Opcode.Call,
    operands: [
      ['arguments', 'count'],
      ['name', 'name'],
    ],
    pops: 1,
    pushes: 1,
    flags: 'tca',
    is: 'callee, arguments -> result; the name is for stack traces',
  },
  CallMethod: {
    code: Opcode.CallMethod,
    operands: [
      ['name', 'name'],
      ['arguments', 'count'],
    ],
    pops: 2,
    pushes: 1,
    flags: 'tca',
    is: 'reserved slot, receiver, arguments -> result',
  },
  New: {
    code: Opcode.New,
    operands: [['arguments', 'count']],
    pops: 3,
    pushes: 2,
    flags: 'tca',
    is: "two reserved slots, class, arguments -> the object, initialize's result",
  },
  CallSuper: {
    code: Opcode.CallSuper,
    operands: [
      ['name', 'name'],
      ['arguments', 'count'],
    ],
    pops: 2,
    pushes: 1,
    flags: 'tca',
    is: 'reserved slot, self, arguments -> result of the method of that name above the home class',
  },
  Return: { code: Opcode.Return, pops: 1, flags: 'e', is: 'leave the function with the top as its result' },

  Array: {
    code: Opcode.Array,
    operands: [['count', 'count']],
    pushes: 1,
    flags: 'a',
    is: 'elements -> array',
  },
  Append: {
    code: Opcode.Append,
    operands: [['count', 'count']],
    pops: 1,
    pushes: 1,
    flags: 'a',
    is: 'fresh array, elements -> the same array with the elements added (long literals)',
  },
  Hash: {
    code: Opcode.Hash,
    operands: [['pairs', 'count']],
    per: 2,
    pushes: 1,
    flags: 'ta',
    is: 'key, value, ... -> hash; pairs, not values, are counted',
  },
  Insert: {
    code: Opcode.Insert,
    operands: [['pairs', 'count']],
    per: 2,
    pops: 1,
    pushes: 1,
    flags: 'ta',
    is: 'fresh hash, key, value, ... -> the same hash with the pairs added (long literals)',
  },
  GetIndex: { code: Opcode.GetIndex, pops: 2, pushes: 1, flags: 'ta', is: 'container, index -> element' },
  SetIndex: {
    code: Opcode.SetIndex,
    pops: 3,
    pushes: 1,
    flags: 'ta',
    is: 'container, index, value -> value, stored',
  },
  GetProperty: {
    code: Opcode.GetProperty,
    operands: [['name', 'name']],
    pops: 1,
    pushes: 1,
    flags: 'ta',
    is: 'object -> property, or the method as a value',
  },
  GetField: {
    code: Opcode.GetField,
    operands: [['name', 'name']],
    pops: 1,
    pushes: 1,
    flags: 't',
    is: 'self -> instance variable, null if unset',
  },
  SetField: {
    code: Opcode.SetField,
    operands: [['name', 'name']],
    pops: 2,
    flags: 't',
    is: 'value, self -> ; store into an instance variable',
  },

  Class: {
    code: Opcode.Class,
    operands: [['class', 'class']],
    pushes: 1,
    flags: 'a',
    is: 'push a new class without superclass',
  },
  Subclass: {
    code: Opcode.Subclass,
    operands: [['class', 'class']],
    pops: 1,
    pushes: 1,
    flags: 'ta',
    is: 'superclass -> new class',
  },
  Method: {
    code: Opcode.Method,
    operands: [['name', 'name']],
    pops: 2,
    pushes: 1,
    flags: 'a',
    is: 'class, closure -> class with the method added',
  },

  Throw: { code: Opcode.Throw, pops: 1, flags: 'te', is: 'raise the value' },
  ErrorIs: {
    code: Opcode.ErrorIs,
    operands: [['type', 'name']],
    pops: 1,
    pushes: 1,
    is: 'error -> whether its type has exactly this name',
  },
  Fail: {
    code: Opcode.Fail,
    operands: [['message', 'name']],
    flags: 'te',
    is: 'raise a RuntimeError with this message (what the compiler knows to be wrong when executed)',
  },

  Import: {
    code: Opcode.Import,
    operands: [
      ['module', 'module'],
      ['place', 'name'],
    ],
    pushes: 1,
    flags: 'ta',
    is: 'push true if the module has run; else mark it as running and push false, so that its body is called',
  },
  Imported: {
    code: Opcode.Imported,
    operands: [['module', 'module']],
    is: 'mark the module as having run',
  },
  ImportFailed: {
    code: Opcode.ImportFailed,
    operands: [
      ['module', 'module'],
      ['place', 'name'],
    ],
    pops: 1,
    flags: 'te',
    is: "error -> ; raise what the importer sees of an error in the module's body, which may run again",
  },
  GetExport: {
    code: Opcode.GetExport,
    operands: [
      ['global', 'global'],
      ['message', 'name'],
    ],
    pushes: 1,
    flags: 't',
    is: 'push a file-level variable; a RuntimeError with this message if it has no value',
  },
} as const satisfies { [K in keyof typeof Opcode]: Row & { code: (typeof Opcode)[K] } }

export type OpcodeName = keyof typeof ROWS

/** Opcode numbers by name: `Op.Add`. */
export const Op = Object.fromEntries(Object.entries(ROWS).map(([name, row]) => [name, row.code])) as {
  readonly [K in OpcodeName]: number
}

export const OPCODES: readonly OpcodeInfo[] = Object.entries(ROWS as Record<string, Row>).map(
  ([name, row]) => ({
    name,
    code: row.code,
    operands: (row.operands ?? []).map(([operand, kind]) => ({ name: operand, kind })),
    pops: row.pops ?? 0,
    pushes: row.pushes ?? 0,
    throws: row.flags?.includes('t') ?? false,
    calls: row.flags?.includes('c') ?? false,
    allocates: row.flags?.includes('a') ?? false,
    ends: row.flags?.includes('e') ?? false,
    description: row.is,
  }),
)

const PER_COUNT: readonly number[] = Object.values(ROWS as Record<string, Row>).map((row) => row.per ?? 1)
const COUNT_OPERAND: readonly number[] = OPCODES.map((info) =>
  info.operands.findIndex((operand) => operand.kind === 'count'),
)

/** By opcode: whether it is one of the call instructions. */
export const CALLS: readonly boolean[] = OPCODES.map(({ code }) =>
  ([Opcode.Call, Opcode.CallMethod, Opcode.New, Opcode.CallSuper] as number[]).includes(code),
)

/** Words of an instruction: the opcode and its operands. */
export function instructionLength(opcode: number): number {
  return 1 + (OPCODES[opcode] as OpcodeInfo).operands.length
}

/** Values that the instruction at `position` takes from the operand stack. */
export function popsAt(code: ArrayLike<number>, position: number): number {
  const opcode = code[position] as number
  const info = OPCODES[opcode] as OpcodeInfo
  const operand = COUNT_OPERAND[opcode] as number
  if (operand < 0) return info.pops
  return info.pops + (code[position + 1 + operand] as number) * (PER_COUNT[opcode] as number)
}

/** Position of the operand word of kind 'jump', or -1. */
export function jumpOperand(opcode: number): number {
  const info = OPCODES[opcode] as OpcodeInfo
  return info.operands.findIndex((operand) => operand.kind === 'jump')
}
