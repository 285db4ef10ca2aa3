/** Programs that each break one rule of the verifier, and the pieces that they are made of. */
import {
  type BytecodeFunction,
  type BytecodeProgram,
  type Capture,
  type Handler,
  MAX_FRAME_SLOTS,
  Op,
} from '../../lib/bytecode/index.js'
import { functionOf, type Listing, programOf } from './tools.js'

export const RETURN_NULL: Listing = [['Null'], ['Return']]

export function main(listing: Listing, rest: Partial<BytecodeFunction> = {}): BytecodeProgram {
  return programOf([functionOf(listing, rest)])
}

/** `listing` as a function beside a main one, with room for locals. */
export function inner(listing: Listing, rest: Partial<BytecodeFunction> = {}): BytecodeProgram {
  return programOf([functionOf(RETURN_NULL), functionOf(listing, { locals: 2, ...rest })])
}

/** A main function with `listing` that may create function 1. */
export function creating(
  listing: Listing,
  created: Partial<BytecodeFunction>,
  rest: Partial<BytecodeFunction> = {},
): BytecodeProgram {
  return programOf([
    functionOf(listing, { locals: 2, ...rest }),
    functionOf(RETURN_NULL, { locals: 1, ...created }),
  ])
}

export const capture = (from: Capture['from'], index: number): Partial<BytecodeFunction> => ({
  captures: [{ from, index }],
})
export const handlers = (...list: [number, number, number, number][]): { handlers: Handler[] } => ({
  handlers: list.map(([start, end, target, depth]) => ({ start, end, target, depth })),
})

export const CELL_IN_0: Listing = [
  ['ClearLocal', 0],
  ['NewCell', 0],
]
/** Positions: GetUnbound 0, Pop 2, Jump 3, (handler) Pop 5, Null 6, Return 7. */
export const TRY: Listing = [['GetUnbound', 0], ['Pop'], ['Jump', 6], ['Pop'], ['Null'], ['Return']]

/** The import of module 0, whose body is function 1; the error arrives at 15. */
export const IMPORT: Listing = [
  ['Import', 0, 0],
  ['JumpIfTrue', 18],
  ['Closure', 1],
  ['Call', 0, 0],
  ['Pop'],
  ['Imported', 0],
  ['Jump', 18],
  ['ImportFailed', 0, 0],
  ['GetExport', 0, 0],
  ['Return'],
]
export const BODY: BytecodeFunction = functionOf(RETURN_NULL)

export const loaded = (main: number, first = 0, end = 1): BytecodeProgram['modules'][number] => ({
  source: { file: 'm.rush', text: '' },
  sourceHash: '',
  main,
  globals: { first, end },
})

/** A main function with `listing`, behind it `bodies`, and modules. */
export function importing(
  listing: Listing,
  modules: BytecodeProgram['modules'] = [loaded(1)],
  bodies: BytecodeFunction[] = [BODY],
  rest: Partial<BytecodeFunction> = {},
): BytecodeProgram {
  return programOf([functionOf(listing, rest), ...bodies], { modules })
}

type Case = readonly [rule: string, message: string, program: BytecodeProgram]

export const TABLE_RULES: readonly Case[] = [
  ['main exists', 'main function 3 does not exist', programOf([functionOf(RETURN_NULL)], { main: 3 })],
  [
    'main has no parameters',
    'the main function has parameters',
    main(RETURN_NULL, { parameters: ['a'], locals: 1 }),
  ],
  ['main is no method', 'the main function has parameters', main(RETURN_NULL, { method: true, locals: 1 })],
  ['main captures nothing', 'the main function captures variables', main(RETURN_NULL, capture('local', 0))],
  [
    'integers have 64 bits',
    'constant 0: not a valid integer',
    programOf([functionOf(RETURN_NULL)], { constants: [{ type: 'integer', value: '9223372036854775808' }] }),
  ],
  [
    'small integers are exact',
    'constant 0: not a valid integer',
    programOf([functionOf(RETURN_NULL)], { constants: [{ type: 'integer', value: 0.5 }] }),
  ],
  [
    'builtins are names',
    'builtin 0: not a string',
    programOf([functionOf(RETURN_NULL)], { builtins: [7 as unknown as string] }),
  ],
  [
    'builtins exist',
    'builtin 0: unknown function "nope"',
    programOf([functionOf(RETURN_NULL)], { builtins: ['nope'] }),
  ],
  [
    'frames are small',
    `function 0 (f): a frame of 1500 locals and 501 operands is too large (limit ${MAX_FRAME_SLOTS})`,
    main(RETURN_NULL, { locals: 1500, maxStack: 501 }),
  ],
  ['sizes are not negative', 'a frame of -1 locals', main(RETURN_NULL, { locals: -1 })],
  [
    'parameters and self have locals',
    'function 1 (f): 2 locals cannot hold 3 parameters',
    inner(RETURN_NULL, { method: true, parameters: ['a', 'b'] }),
  ],
  ['capture indexes are numbers', 'capture 0: bad index -1', inner(RETURN_NULL, capture('upvalue', -1))],
]

export const INSTRUCTION_RULES: readonly Case[] = [
  ['there is code', 'no code', main([])],
  [
    'there is not too much code',
    '16777217 words of code (limit 16777216)',
    main([], { code: new Array((1 << 24) + 1) }),
  ],
  ['opcodes exist', 'position 0: no instruction has the number 250', main([], { code: [250] })],
  ['operands are complete', 'position 1: Integer lacks operands', main([], { code: [2, 1] })],
  [
    'operands are integers',
    'position 0: Integer, operand value: 1.5 is not a 32-bit',
    main([], { code: [1, 1.5] }),
  ],
  ['constants exist', 'Constant, operand constant: constant 2 does not exist', main([['Constant', 2]])],
  ['names are strings', 'GetUnbound, operand name: constant 1 is not a string', main([['GetUnbound', 1]])],
  ['locals exist', 'GetLocal, operand local: local 0 does not exist', main([['GetLocal', 0]])],
  [
    'captured variables exist',
    'GetUpvalue, operand upvalue: captured variable 1 does not exist',
    inner([['GetUpvalue', 1, 0]], capture('local', 0)),
  ],
  ['globals exist', 'GetGlobal, operand global: global 1 does not exist', main([['GetGlobal', 1]])],
  ['functions exist', 'Closure, operand function: function 1 does not exist', main([['Closure', 1]])],
  ['main is no value', 'the main function cannot be a value', main([['Closure', 0]])],
  ['classes exist', 'Class, operand class: class -1 does not exist', main([['Class', -1]])],
  ['builtins exist', 'GetBuiltin, operand builtin: builtin 1 does not exist', main([['GetBuiltin', 1]])],
  [
    'arguments are limited',
    'Call, operand arguments: 256 is out of range (limit 255)',
    main([['Call', 256, 0]]),
  ],
  [
    'elements are limited',
    'Array, operand count: 1025 is out of range (limit 1024)',
    main([['Array', 1025]]),
  ],
  ['pairs are limited', 'Insert, operand pairs: 1025 is out of range (limit 1024)', main([['Insert', 1025]])],
  ['counts are not negative', 'Drop, operand count: -1 is out of range', main([['Drop', -1]])],
  [
    'jumps land on instructions',
    'position 0: jump target 3 is not the start of an instruction',
    main([['Jump', 3], ['Integer', 1], ['Return']]),
  ],
  ['jumps stay inside', 'jump target 2 is not the start', main([['Jump', 2]])],
  [
    'jumps go forward',
    'position 2: JumpIfTrue goes back to 0',
    main([['Integer', 1], ['JumpIfTrue', 0], ...RETURN_NULL]),
  ],
  ['loops go back', 'position 0: Loop goes forward to 2', main([['Loop', 2], ...RETURN_NULL])],
  ['line groups are complete', 'the line table does not consist', main(RETURN_NULL, { lines: [0, 1] })],
  [
    'lines are at instructions',
    'line table: position 2 is not the start',
    main(RETURN_NULL, { lines: [2, 1, 1] }),
  ],
  [
    'lines are in order',
    'line table: position 0 is not in order',
    main(RETURN_NULL, { lines: [1, 1, 1, 0, 1, 1] }),
  ],
  ['places count from 1', 'line table: 1:0 is not a place', main(RETURN_NULL, { lines: [0, 1, 0] })],
]

export const STACK_RULES: readonly Case[] = [
  [
    'no underflow',
    'position 1: Add takes 2 operands, the stack has 1',
    main([['Null'], ['Add'], ['Return']]),
  ],
  ['counted underflow', 'Hash takes 4 operands, the stack has 1', main([['Null'], ['Hash', 2], ['Return']])],
  [
    'no overflow',
    'position 1: operand stack depth 2 (limit 1)',
    main([['Null'], ['Null'], ['Return']], { maxStack: 1 }),
  ],
  [
    'depths agree where paths meet',
    'position 3: operand stack depth 1 at 4, which is also reached with depth 0',
    main([['True'], ['JumpIfTrue', 4], ['Null'], ['Null'], ['Return']]),
  ],
  ['execution stays inside', 'position 0: execution runs off the end of the code', main([['Null']])],
  ['all code is reachable', 'position 2: unreachable code', main([...RETURN_NULL, ...RETURN_NULL])],
  [
    'Append takes a fresh array',
    'position 1: Append takes a fresh array',
    main([['Null'], ['Append', 0], ['Return']]),
  ],
  [
    'a copied array is not fresh',
    'Append takes a fresh array',
    main([['Array', 0], ['Dup'], ['Append', 0], ['Return']]),
  ],
  ['Insert takes a fresh hash', 'Insert takes a fresh hash', main([['Array', 0], ['Insert', 0], ['Return']])],
  [
    'Method takes a class',
    'Method takes a class',
    creating([['Null'], ['Closure', 1], ['Method', 0], ['Return']], { method: true }),
  ],
  [
    'Method takes the closure of a method',
    'operand 1 may not be the closure of a method',
    creating([['Class', 0], ['Closure', 1], ['Method', 0], ['Return']], {}),
  ],
  [
    'methods do not escape',
    'position 2: SetGlobal: operand 0 may be the closure of a method',
    creating([['Closure', 1], ['SetGlobal', 0], ...RETURN_NULL], { method: true }),
  ],
  ['ErrorIs takes an error', 'ErrorIs takes an error', main([['Null'], ['ErrorIs', 0], ['Return']])],
]

export const LOCAL_RULES: readonly Case[] = [
  ['reads need a value', 'GetLocal: local 1 may not have been set', inner([['GetLocal', 1], ['Return']])],
  [
    'a value on every path',
    'position 6: GetLocal: local 0 may not have been set',
    inner([['True'], ['JumpIfTrue', 6], ['True'], ['SetLocal', 0], ['GetLocal', 0], ['Return']]),
  ],
  [
    'cleared is not a value',
    'GetLocal: local 0 may have no value',
    inner([['ClearLocal', 0], ['GetLocal', 0], ['Return']]),
  ],
  [
    'checked reads need a state',
    'GetLocalChecked: local 0 may not have been set',
    inner([['GetLocalChecked', 0, 0], ['Return']]),
  ],
  [
    'cells hold no rubbish',
    'NewCell: local 0 may not have been set',
    inner([['NewCell', 0], ...RETURN_NULL]),
  ],
  [
    'cells hold no cells',
    'NewCell: local 0 may be a cell',
    inner([...CELL_IN_0, ['NewCell', 0], ...RETURN_NULL]),
  ],
  [
    'cells are no operands',
    'GetLocal: local 0 may be a cell',
    inner([...CELL_IN_0, ['GetLocal', 0], ['Return']]),
  ],
  [
    'cells are no operands, checked',
    'GetLocalChecked: local 0 may be a cell',
    inner([...CELL_IN_0, ['GetLocalChecked', 0, 0], ['Return']]),
  ],
  [
    'GetCell needs a cell',
    'GetCell: local 0 may not be a cell',
    inner([['GetCell', 0, 0], ['Return']], { parameters: ['a'] }),
  ],
  [
    'SetCell needs a cell on every path',
    'position 9: SetCell: local 0 may have no value',
    inner([
      ['ClearLocal', 0],
      ['True'],
      ['JumpIfTrue', 7],
      ['NewCell', 0],
      ['Null'],
      ['Null'],
      ['SetCell', 0],
      ['Return'],
    ]),
  ],
  [
    'SetLocal ends a cell',
    'GetCell: local 0 may not be a cell',
    inner([...CELL_IN_0, ['Null'], ['SetLocal', 0], ['GetCell', 0, 0], ['Return']]),
  ],
  [
    'closures capture cells',
    'position 2: Closure: capture 0 of function 1: local 1 may have no value',
    creating([['ClearLocal', 1], ['Closure', 1], ['Return']], capture('local', 1)),
  ],
  [
    'captured locals exist',
    'capture 0 of function 1: local 2 does not exist',
    creating([['Closure', 1], ['Return']], capture('local', 2)),
  ],
  [
    'cells that are passed on exist',
    'capture 0 of function 1: captured variable 0 does not exist',
    creating([['Closure', 1], ['Return']], capture('upvalue', 0)),
  ],
  [
    'a loop brings the cell back',
    'position 2: NewCell: local 0 may be a cell',
    inner([['ClearLocal', 0], ['NewCell', 0], ['True'], ['JumpIfTrue', 9], ['Loop', 2], ...RETURN_NULL]),
  ],
]

export const MODULE_RULES: readonly Case[] = [
  ['bodies exist', 'module 0: function 2 does not exist', importing(RETURN_NULL, [loaded(2)])],
  ['bodies have numbers', 'module 0: function -1 does not exist', importing(RETURN_NULL, [loaded(-1)])],
  [
    'main is no module',
    'module 0: function 0 does not follow function 0',
    importing(RETURN_NULL, [loaded(0)]),
  ],
  [
    'bodies stand in the order of the modules',
    'module 2: function 1 does not follow function 2',
    importing(RETURN_NULL, [loaded(2), { file: 'm.rush', error: 'gone' }, loaded(1)], [BODY, BODY]),
  ],
  [
    'no two modules share a body',
    'module 1: function 1 does not follow function 1',
    importing(RETURN_NULL, [loaded(1), loaded(1)]),
  ],
  [
    'bodies have no parameters',
    'module 0: its body has parameters',
    importing(RETURN_NULL, [loaded(1)], [functionOf(RETURN_NULL, { parameters: ['a'], locals: 1 })]),
  ],
  [
    'bodies are no methods',
    'module 0: its body has parameters',
    importing(RETURN_NULL, [loaded(1)], [functionOf(RETURN_NULL, { method: true, locals: 1 })]),
  ],
  [
    'bodies capture nothing',
    'module 0: its body captures variables',
    importing(RETURN_NULL, [loaded(1)], [functionOf(RETURN_NULL, capture('local', 0))]),
  ],
  ['variables exist', 'module 0: no globals 0-2', importing(RETURN_NULL, [loaded(1, 0, 2)])],
  ['variables are in order', 'module 0: no globals 1-0', importing(RETURN_NULL, [loaded(1, 1, 0)])],
  ['variables have numbers', 'module 0: no globals -1-1', importing(RETURN_NULL, [loaded(1, -1, 1)])],
  [
    'imported modules exist',
    'position 0: Import, operand module: module 1 does not exist',
    importing([['Import', 1, 0], ['Return']]),
  ],
  [
    'modules that have run exist',
    'Imported, operand module: module -1 does not exist',
    importing([['Imported', -1], ...RETURN_NULL]),
  ],
  [
    'modules that failed exist',
    'ImportFailed, operand module: module 1 does not exist',
    importing([['ImportFailed', 1, 0]]),
  ],
  [
    'places are strings',
    'Import, operand place: constant 1 is not a string',
    importing([['Import', 0, 1], ['Return']]),
  ],
  [
    'exports exist',
    'GetExport, operand global: global 1 does not exist',
    importing([['GetExport', 1, 0], ['Return']]),
  ],
  [
    'ImportFailed takes an error',
    'position 1: ImportFailed takes an error, which operand 0 may not be',
    importing([['Null'], ['ImportFailed', 0, 0]]),
  ],
  [
    'ImportFailed takes something',
    'ImportFailed takes 1 operands, the stack has 0',
    importing([['ImportFailed', 0, 0]]),
  ],
  [
    'nothing comes behind ImportFailed',
    'position 6: unreachable code',
    importing(
      [['GetUnbound', 0], ['Return'], ['ImportFailed', 0, 0], ...RETURN_NULL],
      [loaded(1)],
      [BODY],
      handlers([0, 2, 3, 0]),
    ),
  ],
]

export const HANDLER_RULES: readonly Case[] = [
  ['ranges start at instructions', 'handler 0: start 1 is not', main(TRY, handlers([1, 3, 5, 0]))],
  ['ranges end at instructions', 'handler 0: end 4 is not', main(TRY, handlers([0, 4, 5, 0]))],
  ['ranges are not empty', 'handler 0: the range 2-2 is empty', main(TRY, handlers([2, 2, 5, 0]))],
  ['targets are instructions', 'handler 0: target 8 is not', main(TRY, handlers([0, 3, 8, 0]))],
  ['targets follow the range', 'handler 0: target 2 does not follow', main(TRY, handlers([0, 3, 2, 0]))],
  ['the error has room', 'handler 0: depth 8 leaves no room', main(TRY, handlers([0, 3, 5, 8]))],
  [
    'ranges do not overlap',
    'handlers 0 and 1: the ranges overlap',
    main(TRY, handlers([0, 3, 5, 0], [2, 5, 5, 0])),
  ],
  [
    'inner ranges come first',
    'handler 1 lies inside handler 0 but is listed after it',
    main(TRY, handlers([0, 3, 5, 0], [0, 2, 5, 0])),
  ],
  [
    'the operands a handler keeps are there',
    'position 0: GetUnbound leaves 0 operands, the handler keeps 1',
    main(TRY, handlers([0, 3, 5, 1])),
  ],
  [
    // The callee's slot has the link of the frame by then.
    'the operands a handler keeps are not taken',
    'position 2: Call leaves 0 operands, the handler keeps 1',
    creating([['Closure', 1], ['Call', 0, 0], ['Return'], ['Pop'], ['Return']], {}, handlers([2, 5, 6, 1])),
  ],
  [
    'handlers have one depth even if nothing raises errors',
    'operand stack depth 3 at 4 from handler 0, else 1',
    main([['True'], ['JumpIfFalse', 3], ['Null'], ['Return']], handlers([1, 3, 4, 2])),
  ],
  [
    'handlers start with the error',
    'position 2: operand stack depth 0 at 3, which is also reached with depth 1',
    main([['GetUnbound', 0], ['Pop'], ['Null'], ['Return']], handlers([0, 2, 3, 0])),
  ],
  [
    'what is set in the range may be unset in the handler',
    'GetLocal: local 0 may not have been set',
    inner(
      [['GetUnbound', 0], ['SetLocal', 0], ['Jump', 7], ['Pop'], ['GetLocal', 0], ['Return']],
      handlers([0, 4, 6, 0]),
    ),
  ],
  [
    'a cell made in the range may be none in the handler',
    'GetCell: local 0 may have no value',
    inner(
      [...CELL_IN_0, ['GetUnbound', 0], ['Return'], ['Pop'], ['GetCell', 0, 0], ['Return']],
      handlers([2, 7, 7, 0]),
    ),
  ],
]

/** Functions of so many blocks. */
function blocks(count: number): number[] {
  const code = Array.from({ length: count }, (_, i) => [Op.True, Op.JumpIfTrue, 3 * i + 3]).flat()
  return [...code, Op.Null, Op.Return]
}

/** Loops of which each leads to the one before it: what the last one does to a local has a long way to the first. */
function backwards(count: number): number[] {
  const loops = Array.from({ length: count }, (_, i) => {
    const start = 5 * i
    return [Op.True, Op.JumpIfTrue, start + 5, Op.Loop, Math.max(0, start - 5)]
  })
  return [...loops.flat(), Op.True, Op.SetLocal, 0, Op.Loop, 5 * (count - 1)]
}

export const SIZE_RULES: readonly Case[] = [
  [
    'states fit in memory',
    'function 0 (f): too much code to verify',
    main([], { code: blocks(100_000), locals: 1900, maxStack: 1 }),
  ],
  [
    'the analysis ends soon',
    'function 1 (f): too much code to verify',
    programOf([functionOf(RETURN_NULL), functionOf([], { code: backwards(30_000), locals: 1 })]),
  ],
  [
    'ranges cover no more than many times the code',
    'function 0 (f): too much code to verify',
    main([], {
      code: blocks(50_000),
      handlers: Array.from({ length: 8000 }, () => ({ start: 0, end: 150_000, target: 150_001, depth: 0 })),
    }),
  ],
]
