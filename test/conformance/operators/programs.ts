/**
 * Programs that apply operators to values of all types, each with the output that the oracle gives. Each
 * case is a function of two operands; a line of output is one call: `CASE I J TYPE TEXT`, where I and J
 * are places in the lists of operands and TYPE is an error's type if the call fails.
 */
import {
  ARITHMETIC,
  BINARY,
  type Binary,
  binary,
  COMPARISONS,
  isTrue,
  matches,
  OperatorError,
  unary,
} from './oracle.js'
import {
  ALL_VALUES,
  BOOLEANS,
  boolean,
  FLOATS,
  INTEGERS,
  NULL,
  OBJECTS,
  type RushValue,
  SETUP,
  STRINGS,
  string,
} from './values.js'

export interface OperatorProgram {
  readonly text: string
  readonly output: string
}

interface Case {
  readonly name: string
  /** The body of a function of `a` and `b`. */
  readonly body: string
  readonly expected: (a: RushValue, b: RushValue) => RushValue
}

/** A case with the operands that its function is applied to: each of the first to each of the second. */
interface Sweep extends Case {
  readonly first: ListName
  readonly second: ListName
  /** Whether it is applied to CHANGED afterwards. */
  readonly change: boolean
}

/**
 * The operands that functions are called with. Few and no more functions than it takes: under emulation a
 * call that prints takes a tenth of a millisecond, compiling a function ten.
 */
const LISTS = {
  all: ALL_VALUES,
  integers: INTEGERS.slice(0, 5),
  floats: FLOATS.slice(0, 5),
  few: [
    ...INTEGERS.slice(0, 1),
    ...FLOATS.slice(2, 3),
    ...STRINGS.slice(1, 2),
    ...BOOLEANS,
    NULL,
    ...OBJECTS.filter((_, i) => i % 8 === 0),
  ],
  nothing: [NULL],
} as const satisfies Readonly<Record<string, readonly RushValue[]>>
type ListName = keyof typeof LISTS

/**
 * Operands of types other than those a function was compiled for: enough of them for it to be compiled
 * again, since a guard may fail ten times.
 */
const CHANGED: readonly (readonly [RushValue, RushValue])[] = (() => {
  const [i, f] = [INTEGERS[0], FLOATS[0]] as [RushValue, RushValue]
  const others = [STRINGS[1], NULL, BOOLEANS[0], f, i, OBJECTS[0], OBJECTS[10]] as RushValue[]
  return others.flatMap((other) => [
    [i, other],
    [other, f],
  ])
})()

/** Calls before what a function does is looked at: in the tests' modes it is compiled before the last one. */
const TRAINING_CALLS = 6

const yesOrNo = (yes: boolean): RushValue => string(yes ? 'yes' : 'no')

// --- cases ------------------------------------------------------------------------------------

function value(symbol: Binary): Case {
  return { name: symbol, body: `a ${symbol} b`, expected: (a, b) => binary(symbol, a, b) }
}

function branch(symbol: Binary): Case {
  return {
    name: `if ${symbol}`,
    body: `if (a ${symbol} b) { "yes" } else { "no" }`,
    expected: (a, b) => yesOrNo(isTrue(binary(symbol, a, b))),
  }
}

/** The error is caught in the function in which it is raised. */
function caught(symbol: Binary): Case {
  return {
    name: `caught ${symbol}`,
    body: `try { return a ${symbol} b } catch (e) { return e.message }`,
    expected: (a, b) => {
      try {
        return binary(symbol, a, b)
      } catch (error) {
        if (error instanceof OperatorError) return string(error.message)
        throw error
      }
    },
  }
}

function withItself(symbol: Binary): Case {
  return { name: `itself ${symbol}`, body: `a ${symbol} a`, expected: (a) => binary(symbol, a, a) }
}

function literalRight(symbol: Binary, literal: RushValue): Case {
  const { source } = literal
  return {
    name: `${symbol} ${source}`,
    body: `a ${symbol} ${source}`,
    expected: (a) => binary(symbol, a, literal),
  }
}

function literalLeft(symbol: Binary, literal: RushValue): Case {
  const { source } = literal
  return {
    name: `${source} ${symbol}`,
    body: `${source} ${symbol} a`,
    expected: (a) => binary(symbol, literal, a),
  }
}

const SWITCH: Case = {
  name: 'switch',
  body: 'switch (a) { case b: return "yes" default: return "no" }',
  expected: (a, b) => yesOrNo(matches(a, b)),
}

const LITERALS = [INTEGERS[0], FLOATS[0], STRINGS[1], BOOLEANS[0], NULL] as readonly RushValue[]
const [INTEGER_LITERAL, FLOAT_LITERAL] = LITERALS as [RushValue, RushValue]

const SWITCH_LITERALS: Case = {
  name: 'switch literals',
  body: `switch (a) { case ${LITERALS.map(({ source }) => source).join(', ')}: return "yes" } return "no"`,
  expected: (a) => yesOrNo(LITERALS.some((literal) => matches(a, literal))),
}

const ONE_OPERAND: readonly Case[] = [
  { name: 'negate', body: '-a', expected: (a) => unary('-', a) },
  { name: 'not', body: '!a', expected: (a) => unary('!', a) },
  { name: 'not not', body: '!!a', expected: (a) => boolean(isTrue(a)) },
  { name: 'if', body: 'if (a) { "yes" } else { "no" }', expected: (a) => yesOrNo(isTrue(a)) },
  SWITCH_LITERALS,
]

/** Operators on what other operators gave, whose types the compiler knows. */
const CHAINS: readonly Case[] = [
  {
    name: 'chain * + -',
    body: 'a * b + (a - b)',
    expected: (a, b) => binary('+', binary('*', a, b), binary('-', a, b)),
  },
  {
    name: 'chain / %',
    body: 'a / b % b',
    expected: (a, b) => binary('%', binary('/', a, b), b),
  },
  {
    name: 'chain -(+)',
    body: '-(a + b)',
    expected: (a, b) => unary('-', binary('+', a, b)),
  },
  {
    name: 'chain < == >',
    body: '(a < b) == (a > b)',
    expected: (a, b) => binary('==', binary('<', a, b), binary('>', a, b)),
  },
  {
    name: 'chain <= + true',
    body: '(a <= b) + true',
    expected: (a, b) => binary('+', binary('<=', a, b), boolean(true)),
  },
  {
    name: 'chain && ||',
    body: 'a < b && a != b || !(a == b)',
    expected: (a, b) => {
      const both = isTrue(binary('<', a, b)) && isTrue(binary('!=', a, b))
      return boolean(both || !isTrue(binary('==', a, b)))
    },
  },
]

// --- programs ---------------------------------------------------------------------------------

type Pair = readonly [ListName, ListName]

const NUMBERS: readonly Pair[] = [
  ['integers', 'integers'],
  ['integers', 'floats'],
  ['floats', 'integers'],
  ['floats', 'floats'],
]
const ONE_NUMBER: readonly Pair[] = [
  ['integers', 'nothing'],
  ['floats', 'nothing'],
]
const EITHER = [...ARITHMETIC, ...COMPARISONS]

function sweep(one: Case, [first, second]: Pair, change = false): Sweep {
  return { ...one, name: `${one.name} ${first} ${second}`, first, second, change }
}

/** A function per case and pair, each of which is compiled for its own types. */
function combine(cases: readonly Case[], pairs: readonly Pair[]): readonly Sweep[] {
  return cases.flatMap((one) => pairs.map((pair) => sweep(one, pair)))
}

/** Each case with one of the pairs, in turn. */
function inTurn(cases: readonly Case[], pairs: readonly Pair[]): readonly Sweep[] {
  return cases.map((one, i) => sweep(one, pairs[i % pairs.length] as Pair))
}

/** Functions called until they are compiled for numbers, and some of them then with other types. */
const TRAINED: readonly Sweep[] = [
  ...[...EITHER.map(value), SWITCH].flatMap((one, i) =>
    NUMBERS.map((pair, j) => sweep(one, pair, (i + j) % NUMBERS.length === 0)),
  ),
  ...inTurn([...COMPARISONS.map(branch), ...CHAINS], [NUMBERS[0], NUMBERS[3], NUMBERS[1]] as Pair[]),
  ...inTurn(ONE_OPERAND, ONE_NUMBER),
  ...inTurn(ONE_OPERAND, [...ONE_NUMBER].reverse()),
  ...inTurn(EITHER.map(withItself), ONE_NUMBER),
  ...inTurn(
    EITHER.flatMap((symbol) => [literalRight(symbol, INTEGER_LITERAL), literalLeft(symbol, FLOAT_LITERAL)]),
    [ONE_NUMBER[0], ONE_NUMBER[0], ONE_NUMBER[1], ONE_NUMBER[1]] as Pair[],
  ),
]

/** Functions that see all types from the start. */
const UNTRAINED: readonly Sweep[] = [
  ...combine([...BINARY.map(caught), SWITCH, branch('=='), branch('<')], [['few', 'few']]),
  ...combine(
    [
      ...ONE_OPERAND,
      ...LITERALS.flatMap((literal) => [
        literalRight('==', literal),
        literalLeft('<', literal),
        literalLeft('+', literal),
      ]),
    ],
    [['few', 'nothing']],
  ),
]

/** Every operator on every pair of all values. */
const FULL: readonly Sweep[] = [
  ...combine([...BINARY.map(value), SWITCH], [['all', 'all']]),
  ...combine(ONE_OPERAND, [['all', 'nothing']]),
]

const FUNCTIONS = `
say = fn(name, i, j, f, a, b) {
  try {
    r = f(a, b)
    print(name, i, j, type(r), r)
  } catch (e) { print(name, i, j, e.type, e.message) }
}
train = fn(f, first, second) {
  for (k = 0; k < ${TRAINING_CALLS}; k = k + 1) {
    try { f(first[k % len(first)], second[k % len(second)]) } catch (e) { }
  }
}
sweep = fn(name, f, first, second) {
  for (i = 0; i < len(first); i = i + 1) {
    for (j = 0; j < len(second); j = j + 1) { say(name, i, j, f, first[i], second[j]) }
  }
}
change = fn(name, f) {
  for (i = 0; i < len(changed); i = i + 1) { say(name, "changed", i, f, changed[i][0], changed[i][1]) }
}
run = fn(cases) {
  for (n = 0; n < len(cases); n = n + 1) {
    one = cases[n]
    train(one[1], one[2], one[3])
    sweep(one[0], one[1], one[2], one[3])
    if (one[4]) { change(one[0], one[1]) }
  }
}
`

function listText(values: readonly RushValue[]): string {
  return `[${values.map(({ source }) => source).join(', ')}]`
}

function makeProgram(sweeps: readonly Sweep[]): OperatorProgram {
  const names = [...new Set(sweeps.flatMap(({ first, second }) => [first, second]))]
  const rows = sweeps.map(
    ({ name, body, first, second, change }) =>
      `  [${JSON.stringify(name)}, fn(a, b) { ${body} }, ${first}, ${second}, ${change}]`,
  )
  const text = [
    SETUP,
    ...names.map((name) => `${name} = ${listText(LISTS[name])}`),
    `changed = [${CHANGED.map(listText).join(', ')}]`,
    FUNCTIONS,
    `run([\n${rows.join(',\n')}\n])\n`,
  ].join('\n')
  const lines = sweeps.flatMap(({ name, expected, first, second, change }) => [
    ...LISTS[first].flatMap((a, i) =>
      LISTS[second].map((b, j) => `${name} ${i} ${j} ${outcome(expected, a, b)}`),
    ),
    ...(change ? CHANGED : []).map(([a, b], i) => `${name} changed ${i} ${outcome(expected, a, b)}`),
  ])
  return { text, output: `${lines.join('\n')}\n` }
}

function outcome(expected: Case['expected'], a: RushValue, b: RushValue): string {
  try {
    const { type, text } = expected(a, b)
    return `${type} ${text}`
  } catch (error) {
    if (error instanceof OperatorError) return `RuntimeError ${error.message}`
    throw error
  }
}

/** For the tiers that are fast on every machine. */
export const FULL_PROGRAM: OperatorProgram = makeProgram(FULL)

/** For native code that was made for the types of its operands. */
export const TRAINED_PROGRAM: OperatorProgram = makeProgram(TRAINED)

/** For native code that knows nothing of its operands but the literals among them. */
export const UNTRAINED_PROGRAM: OperatorProgram = makeProgram(UNTRAINED)
