/**
 * That arrays, strings and hashes that share memory never show each other's changes: random programs of
 * pushes, appends, element assignments, slices and copies, against a model in which nothing is shared.
 */
import { join, relative } from 'node:path'
import t from 'tap'
import { randomNumbers } from '../formats/documents.js'
import type { ModeName } from '../support/modes.js'
import { testProgramsInModes } from '../support/test-modes.js'

/** What the programs work on: variables of three kinds, each also reachable under other names. */
interface Pools {
  readonly arrays: number[][]
  readonly texts: string[]
  readonly tables: Map<number, number>[]
}

/** The operands of a step: the variable that is set, the one read, an index or length, a new value. */
type Operands = readonly [target: number, source: number, index: number, value: number]

interface Operation {
  /** The body of a function of the pools and of `d`, `s`, `i` and `v`: the operands. */
  readonly rush: string
  /** The same on the model. Arrays and hashes are objects with identity in both worlds. */
  readonly model: (pools: Pools, ...operands: Operands) => void
}

/** Variables of each kind. */
const VARIABLES = 6
/** Elements, characters or entries beyond which a value is made short again. */
const LONG = 40

const at = <T>(pool: readonly T[], index: number): T => pool[index] as T

const OPERATIONS: readonly Operation[] = [
  {
    rush: 'arrays[d] = push(arrays[s], v)',
    model: ({ arrays }, d, s, _, v) => {
      arrays[d] = [...at(arrays, s), v]
    },
  },
  {
    rush: 'arrays[d] = arrays[s].push(v).push(-v)',
    model: ({ arrays }, d, s, _, v) => {
      arrays[d] = [...at(arrays, s), v, -v]
    },
  },
  {
    rush: 'if (i < len(arrays[s])) { arrays[s][i] = v }',
    model: ({ arrays }, _, s, i, v) => {
      if (i < at(arrays, s).length) at(arrays, s)[i] = v
    },
  },
  {
    rush: 'a = push(arrays[s], v)\na[len(a) - 1] = v + 0.5\narrays[d] = a',
    model: ({ arrays }, d, s, _, v) => {
      arrays[d] = [...at(arrays, s), v + 0.5]
    },
  },
  {
    rush: 'a = push(arrays[s], v)\na[0] = v + 1\narrays[s] = push(arrays[s], -v)\narrays[d] = a',
    model: ({ arrays }, d, s, _, v) => {
      const pushed = [...at(arrays, s), v]
      pushed[0] = v + 1
      arrays[s] = [...at(arrays, s), -v]
      arrays[d] = pushed
    },
  },
  {
    rush: 'arrays[d] = arrays[s]',
    model: ({ arrays }, d, s) => {
      arrays[d] = at(arrays, s)
    },
  },
  {
    rush: 'arrays[d] = slice(arrays[s], 0, i)',
    model: ({ arrays }, d, s, i) => {
      arrays[d] = at(arrays, s).slice(0, i)
    },
  },
  {
    rush: `arrays[d] = push(arrays[s].slice(i, ${LONG}), v)`,
    model: ({ arrays }, d, s, i, v) => {
      arrays[d] = [...at(arrays, s).slice(i, LONG), v]
    },
  },
  {
    rush: 'arrays[d] = arrays[s].map(fn(x) { x + 1 }).push(v)',
    model: ({ arrays }, d, s, _, v) => {
      arrays[d] = [...at(arrays, s).map((x) => x + 1), v]
    },
  },
  {
    rush: 'texts[d] = texts[s] + v',
    model: ({ texts }, d, s, _, v) => {
      texts[d] = `${at(texts, s)}${v}`
    },
  },
  {
    rush: 'texts[d] = texts[s] + (if (v % 7 == 0) { "😀" } else { "ž" }) + texts[d]',
    model: ({ texts }, d, s, _, v) => {
      texts[d] = `${at(texts, s)}${v % 7 === 0 ? '😀' : 'ž'}${at(texts, d)}`
    },
  },
  {
    rush: 'a = texts[s] + "a"\nb = texts[s] + "b"\ntexts[d] = b + "c"\ntexts[s] = a + v',
    model: ({ texts }, d, s, _, v) => {
      const before = at(texts, s)
      texts[d] = `${before}bc`
      texts[s] = `${before}a${v}`
    },
  },
  {
    rush: 'texts[d] = texts[s].substr(0, i) + v',
    model: ({ texts }, d, s, i, v) => {
      texts[d] = `${[...at(texts, s)].slice(0, i).join('')}${v}`
    },
  },
  {
    rush: 'tables[s][i] = v',
    model: ({ tables }, _, s, i, v) => {
      at(tables, s).set(i, v)
    },
  },
  {
    rush: 'tables[d] = tables[s]',
    model: ({ tables }, d, s) => {
      tables[d] = at(tables, s)
    },
  },
  {
    rush: 'tables[d] = tables[s].set(i, v)',
    model: ({ tables }, d, s, i, v) => {
      tables[d] = new Map(at(tables, s)).set(i, v)
    },
  },
  {
    rush: 'tables[d] = tables[s].delete(i).merge(tables[d])',
    model: ({ tables }, d, s, i) => {
      const rest = new Map(at(tables, s))
      rest.delete(i)
      tables[d] = new Map([...rest, ...at(tables, d)])
    },
  },
]

/** Makes what has grown long short again, so that blocks of all sizes come up. */
const SHORTEN: Operation = {
  rush: `if (len(arrays[d]) > ${LONG}) { arrays[d] = [d] }
  if (len(texts[d]) > ${LONG}) { texts[d] = "" }
  if (len(tables[d]) > ${LONG / 2}) { tables[d] = {} }`,
  model: ({ arrays, texts, tables }, d) => {
    if (at(arrays, d).length > LONG) arrays[d] = [d]
    if ([...at(texts, d)].length > LONG) texts[d] = ''
    if (at(tables, d).size > LONG / 2) tables[d] = new Map()
  },
}

function showModel({ arrays, texts, tables }: Pools): string {
  const lists = arrays.map((array) => `[${array.join(', ')}]`)
  const hashes = tables.map((table) => `{${[...table].map(([key, v]) => `${key}: ${v}`).join(', ')}}`)
  return [lists, texts, hashes].map((pool) => `[${pool.join(', ')}]`).join(' ')
}

const fill = (text: string): string => `[${Array(VARIABLES).fill(text).join(', ')}]`

/** A program of so many random steps that shows all variables after each, and its output. */
function makeProgram(steps: number, seed: number): { text: string; output: string } {
  const random = randomNumbers(seed)
  const pools: Pools = {
    arrays: Array.from({ length: VARIABLES }, () => []),
    texts: Array<string>(VARIABLES).fill(''),
    tables: Array.from({ length: VARIABLES }, () => new Map()),
  }
  const rows: string[] = []
  const lines: string[] = []
  for (let step = 0; step < steps; step++) {
    const operation = random(OPERATIONS.length)
    const operands = [random(VARIABLES), random(VARIABLES), random(LONG / 2), random(1000)] as const
    rows.push(`[${[operation, ...operands].join(', ')}]`)
    at(OPERATIONS, operation).model(pools, ...operands)
    SHORTEN.model(pools, ...operands)
    lines.push(showModel(pools))
  }
  const functions = [...OPERATIONS, SHORTEN].map(
    ({ rush }) => `fn(arrays, texts, tables, d, s, i, v) {\n  ${rush}\n}`,
  )
  const text = `
operations = [${functions.join(',\n')}]
shorten = operations[${OPERATIONS.length}]
all_arrays = ${fill('[]')}
all_texts = ${fill('""')}
all_tables = ${fill('{}')}
run = fn(step) {
  operation = operations[step[0]]
  operation(all_arrays, all_texts, all_tables, step[1], step[2], step[3], step[4])
  shorten(all_arrays, all_texts, all_tables, step[1], step[2], step[3], step[4])
  print(all_arrays, all_texts, all_tables)
}
steps = [${rows.join(',\n')}]
for (k = 0; k < len(steps); k = k + 1) { run(steps[k]) }
`
  return { text, output: `${lines.join('\n')}\n` }
}

const PROGRAMS: readonly (readonly [steps: number, modes: readonly ModeName[]])[] = [
  [5000, ['interpreter', 'vm']],
  [1000, ['interpreterGc', 'vmGc']],
  [400, ['jitSoon', 'jitDeopt']],
  [120, ['jitGc']],
]

const named = PROGRAMS.map(([steps], seed) => ({ name: `steps-${steps}.rush`, ...makeProgram(steps, seed) }))
const folder = relative('.', t.testdir(Object.fromEntries(named.map(({ name, text }) => [name, text]))))

await testProgramsInModes(
  named.map(({ name, output }) => ({ path: join(folder, name), output, error: null })),
  (_, index) => (PROGRAMS[index] as (typeof PROGRAMS)[number])[1],
)
