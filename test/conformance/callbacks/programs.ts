/**
 * Programs in which every built-in method that takes a callback meets callbacks of many kinds. Each trial
 * is compared with a loop in Rush that does the same, in the program itself; what it prints must be the
 * same in all tiers.
 */

/** A built-in method that takes a callback. */
interface Method {
  readonly name: string
  /** Parameters of the callback; `x` is the element or value. */
  readonly parameters: readonly string[]
  /** What the callback returns, made of the value of a scenario. */
  returns(value: string): string
  /** The call of the builtin method with the callback `f`, and of the loop that does the same. */
  readonly call: string
  readonly loop: string
}

const itself = (value: string): string => value

export const METHODS: readonly Method[] = [
  { name: 'map', parameters: ['x'], returns: itself, call: 'list.map(f)', loop: 'own_map(list, f)' },
  {
    name: 'filter',
    parameters: ['x'],
    returns: (value) => `${value} > 10`,
    call: 'list.filter(f)',
    loop: 'own_filter(list, f)',
  },
  {
    name: 'reduce',
    parameters: ['sum', 'x'],
    returns: (value) => `sum + (${value})`,
    call: 'list.reduce(f, 0)',
    loop: 'own_reduce(list, f, 0)',
  },
  {
    name: 'find',
    parameters: ['x'],
    returns: (value) => `${value} > 60`,
    call: 'list.find(f)',
    loop: 'own_find(list, f)',
  },
  {
    name: 'filter of hashes',
    parameters: ['key', 'x'],
    returns: (value) => `${value} > 10`,
    call: 'table.filter(f)',
    loop: 'own_hash_filter(table, f)',
  },
  {
    name: 'map_values',
    parameters: ['x'],
    returns: itself,
    call: 'table.map_values(f)',
    loop: 'own_map_values(table, f)',
  },
  {
    name: 'each',
    parameters: ['key', 'x'],
    returns: itself,
    call: 'table.each(f)',
    loop: 'own_each(table, f)',
  },
]

/** What a callback does. `count` is the number of its calls in this walk, `extra` a variable for anything. */
interface Scenario {
  readonly name: string
  /** Elements of the receiver, if not whole numbers from 1 on. */
  readonly elements?: readonly string[]
  /** Statements before the walk. */
  readonly before?: string
  /** Statements of the callback before it returns. */
  readonly body?: string
  /** The expression on which the callback's result is built. */
  readonly value: string
  /** Calls of the callback before the walk: it is native code when the walk starts. */
  readonly callsBefore?: number
  /** Whether it is also run with a collection at every safepoint, which takes long. */
  readonly underStress?: boolean
}

/** The element at which callbacks fail, and after which types change. */
const MIDDLE = 5

export const SCENARIOS: readonly Scenario[] = [
  { name: 'becomes hot', value: 'x * 2', underStress: true },
  { name: 'is native already', value: 'x * 3', callsBefore: 8 },
  {
    name: 'throws',
    body: `if (x == ${MIDDLE}) { throw LimitError("at " + x) }`,
    value: 'x * 2',
    underStress: true,
  },
  { name: 'fails', value: `x + 10 / (${MIDDLE} - x)` },
  {
    name: 'fails natively from the start',
    body: `if (x == ${MIDDLE}) { return [x][x] }`,
    value: 'x',
    callsBefore: 8,
  },
  {
    name: 'element types change',
    elements: ['1', '2', '3', '4', '5', '6', '0.5', '"s"', '7', '8.5', '"t"', '9'],
    value: 'x + x',
    underStress: true,
  },
  {
    name: 'types of a captured variable change',
    before: 'extra = 1',
    body: `if (count == ${MIDDLE + 1}) { extra = 0.5 }\nif (count == ${MIDDLE + 3}) { extra = "s" }`,
    value: 'x + extra',
  },
  { name: 'allocates', value: 'len(push([x, [x]], { "k": x })) + x * 4' },
  {
    name: 'allocates until a collection comes',
    elements: Array.from({ length: 24 }, (_, i) => String(i)),
    before: 'extra = []',
    body: 'waste = text.substr(count, 600000)\nextra = push(extra, [x, { "k": waste.length }])',
    value: 'x + len(extra)',
  },
  {
    name: 'calls other methods with callbacks',
    value: '[x, x + 1].map(fn(y) { y * 2 + count }).reduce(fn(p, q) { p + q }, 0)',
    underStress: true,
  },
  {
    name: 'catches what an inner callback throws',
    before: 'extra = 0',
    body: `inner = { "a": x, "b": 1 }
    try {
      inner.each(fn(name, y) {
        if (y % 3 == 0) { throw OddError("three") }
        extra = extra + y
      })
    } catch (OddError e) { extra = -1 }`,
    value: 'extra + x',
    underStress: true,
  },
  {
    name: 'lets through what an inner callback throws',
    value: `[x, 1].filter(fn(y) { if (y == ${MIDDLE}) { throw DeepError("at " + y) } y > 1 }).length + x * 5`,
  },
  {
    name: 'calls a bound method, builtin functions and a method value',
    before: 'add = Adder.new(3).add\nsize = len\nraise = 5.pow',
    value: 'add(x) + size([x, x]) + builtin_abs(-x) + raise(2)',
  },
  {
    name: 'changes the receiver',
    body: `if (count == 3) {
      list[4] = 50
      table["k4"] = 50
      table["new"] = 60
    }`,
    value: 'x * 2',
  },
  {
    name: 'lets go of the receiver and of itself',
    body: `if (count == 3) {
      list = [0]
      table = { "k0": 0 }
      f = null
      extra = [x]
    }`,
    value: 'len([x, [x]]) + x',
    underStress: true,
  },
]

const LOOPS = `
own_map = fn(list, f) {
  result = []
  for (i = 0; i < len(list); i = i + 1) { result = push(result, f(list[i])) }
  return result
}
own_filter = fn(list, f) {
  result = []
  for (i = 0; i < len(list); i = i + 1) {
    x = list[i]
    if (f(x)) { result = push(result, x) }
  }
  return result
}
own_reduce = fn(list, f, sum) {
  for (i = 0; i < len(list); i = i + 1) { sum = f(sum, list[i]) }
  return sum
}
own_find = fn(list, f) {
  for (i = 0; i < len(list); i = i + 1) {
    x = list[i]
    if (f(x)) { return x }
  }
  return null
}
own_hash_filter = fn(table, f) {
  result = {}
  keys = table.keys
  for (i = 0; i < len(keys); i = i + 1) {
    x = table[keys[i]]
    if (f(keys[i], x)) { result[keys[i]] = x }
  }
  return result
}
own_map_values = fn(table, f) {
  result = {}
  keys = table.keys
  for (i = 0; i < len(keys); i = i + 1) { result[keys[i]] = f(table[keys[i]]) }
  return result
}
own_each = fn(table, f) {
  keys = table.keys
  for (i = 0; i < len(keys); i = i + 1) { f(keys[i], table[keys[i]]) }
  return table
}
`

const SETUP = `
class Adder {
  fn initialize(by) { @by = by }
  fn add(x) { return x + @by }
}
text = "x"
for (doublings = 0; doublings < 20; doublings = doublings + 1) { text = text + text }
table_of = fn(list) {
  table = {}
  for (i = 0; i < len(list); i = i + 1) { table["k" + i] = list[i] }
  return table
}
compare = fn(name, trial, rounds) {
  for (round = 0; round < rounds; round = round + 1) {
    got = trial(true)
    wanted = trial(false)
    if (to_string(got[0]) != to_string(wanted[0])) {
      throw DifferentError(name + ": " + got[0] + " instead of " + wanted[0])
    }
    if (round == 0) { print(name, got[0], got[1]) }
  }
  print(name, got[0], got[1])
}
`

/** Arguments for a callback with these parameters. */
function argumentsFor(parameters: readonly string[]): string {
  return parameters.map((parameter) => (parameter === 'key' ? '"k"' : '1')).join(', ')
}

/** A function that walks with the builtin method or with the loop: what came out, and where it failed. */
function trialText(method: Method, scenario: Scenario, length: number): string {
  const { elements = Array.from({ length }, (_, i) => String(i + 1)), callsBefore = 0 } = scenario
  return `fn(builtin) {
  count = 0
  trail = ""
  extra = null
  list = [${elements.join(', ')}]
  table = table_of(list)
  ${scenario.before ?? ''}
  f = fn(${method.parameters.join(', ')}) {
    count = count + 1
    trail = trail + x + ";"
    ${scenario.body ?? ''}
    ${method.returns(scenario.value)}
  }
  for (k = 0; k < ${callsBefore}; k = k + 1) { f(${argumentsFor(method.parameters)}) }
  place = ""
  try {
    result = if (builtin) { ${method.call} } else { ${method.loop} }
  } catch (e) {
    result = e.type + ": " + e.message
    place = e.line + ":" + e.column + e.stack
  }
  again = [list.map(fn(y) { [y] }), table.filter(fn(key, y) { y != 1 })]
  return [[result, count, trail, extra, list, table, again], place]
}`
}

interface Walks {
  /** Elements of the receivers. */
  readonly length: number
  /** How often each trial is made. */
  readonly rounds: number
  /** Only every other trial: those whose number leaves this rest. */
  readonly half?: 0 | 1
}

function trialsProgram(scenarios: readonly Scenario[], { length, rounds, half }: Walks): string {
  const calls = scenarios.flatMap((scenario, i) =>
    METHODS.filter((_, j) => half === undefined || (i + j) % 2 === half).map((method) => {
      const name = `${method.name} ${scenario.name}`
      return `compare("${name}", ${trialText(method, scenario, length)}, ${rounds})`
    }),
  )
  return [SETUP, LOOPS, ...calls, ''].join('\n')
}

/** All scenarios with all methods. */
export const ALL_TRIALS = trialsProgram(SCENARIOS, { length: 10, rounds: 2 })

/** Two halves of them, for native code under emulation: a callback takes a millisecond there. */
export const HALF_TRIALS = ([0, 1] as const).map((half) =>
  trialsProgram(SCENARIOS, { length: 10, rounds: 1, half }),
) as [string, string]

const STRESSED = SCENARIOS.filter(({ underStress }) => underStress)

/** For a collection at every safepoint. */
export const STRESS_TRIALS = trialsProgram(STRESSED, { length: 6, rounds: 1 })
export const HALF_STRESS_TRIALS = trialsProgram(STRESSED, { length: 6, rounds: 1, half: 0 })

/** Collections there must be in ALL_TRIALS: each walk of one scenario allocates more than the tests' modes allow. */
export const LEAST_COLLECTIONS = METHODS.length * 2 * 2
