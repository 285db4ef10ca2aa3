/**
 * The rules of the verifier. Whatever it refuses breaks one of these, and `test/bytecode/verify.test.ts` has
 * a program for each that breaks it.
 */
export const RULES = {
  // Tables.
  constants: 'constants are what their types say; integers have 64 bits',
  builtinNames: 'built-in functions are named',
  builtins: 'built-in functions exist',
  main: 'the main function exists',
  mainParameters: 'the main function takes nothing',
  mainCaptures: 'the main function captures nothing',
  modules: 'bodies of modules exist',
  moduleOrder: 'bodies of modules stand in the order of the modules, behind the main function',
  moduleParameters: 'bodies of modules take nothing',
  moduleCaptures: 'bodies of modules capture nothing',
  moduleGlobals: 'variables of modules exist',
  // Functions.
  frames: 'frames have a limited size',
  parameters: 'parameters have locals',
  captures: 'captures have indexes',
  // Single instructions.
  code: 'functions have code, and not too much',
  opcodes: 'opcodes exist',
  operands: 'operands are complete',
  words: 'operands are 32-bit integers',
  counts: 'counts are within their limits',
  tables: 'what operands number exists',
  names: 'names are strings',
  mainValue: 'the main function is no value',
  jumps: 'jumps lead to instructions',
  directions: 'only Loop goes back, and it goes nowhere else',
  lineGroups: 'the line table consists of groups of three',
  linePositions: 'lines are at instructions',
  lineOrder: 'lines are in order',
  places: 'lines and columns count from 1',
  // Handlers.
  ranges: 'ranges of handlers begin and end at instructions, with some in between',
  targets: 'handlers are instructions',
  handlersFollow: 'handlers follow their ranges',
  handlerRoom: 'handlers leave room for the error',
  overlaps: 'ranges of handlers do not overlap',
  nesting: 'inner handlers come first',
  // Paths.
  size: 'the analysis takes neither much memory nor much time',
  underflow: 'operands are there',
  overflow: 'the operand stack is high enough',
  depths: 'where paths meet, the operand stack has one depth',
  ends: 'no path leads out of the code',
  reachable: 'all code is reachable',
  kept: 'what may raise an error takes no operand that the handler keeps',
  operandKinds: 'instructions that need something particular get it',
  methods: 'closures of methods go into classes and nowhere else',
  locals: 'locals are what instructions need on all paths',
  captured: 'what a closure captures exists',
} as const

export type Rule = keyof typeof RULES
