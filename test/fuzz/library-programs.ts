/**
 * Programs about what the data types can do: operators, built-in functions and methods on values of all types, also in
 * hot functions whose arguments change their types, with the errors that come of it.
 */
import { FORMS } from './library-forms.js'
import { LEAVES, POOLS, PRELUDE, SORTS, type Sort } from './library-values.js'
import type { Random } from './random.js'
import { Text } from './text.js'

/** Names of variables by their sort; some names stand there twice. */
type Known = Readonly<Partial<Record<Sort, readonly string[]>>>

interface Work {
  readonly name: string
  readonly sorts: readonly Sort[]
}

const PARAMETER_SORTS: readonly Sort[] = [
  'str',
  'str',
  'int',
  'num',
  'num',
  'float',
  'any',
  'arr',
  'nums',
  'hash',
  'object',
]
const RESULT_SORTS: readonly Sort[] = [
  ...PARAMETER_SORTS,
  'bool',
  'bool',
  'json',
  'error',
  'strs',
  'fn',
  'regexp',
]
/** How often something of any sort stands where a certain one is wanted. */
const CONFUSION = 0.015

export function libraryProgram(random: Random): string {
  return new LibraryProgram(random).program()
}

class LibraryProgram extends Text {
  program(): string {
    const { random } = this
    this.lines.push(PRELUDE.trimEnd())
    const works: Work[] = []
    this.repeat(1, 2, () => works.push(this.work()))
    for (const { name, sorts } of works) this.calls(name, sorts)
    if (random.chance(0.3)) this.line(`print(show(${this.make('any', 3, {})}))`)
    this.line('print(total, keep, box.get(), pair.get(), apply)')
    return this.text
  }

  /** A function that computes a few things from its arguments. */
  private work(): Work {
    const { random } = this
    const name = this.name('work')
    const sorts = Array.from({ length: random.between(1, 3) }, () => random.pick(PARAMETER_SORTS))
    const parameters = sorts.map(() => this.name('x'))
    const known: Partial<Record<Sort, string[]>> = {}
    const add = (sort: Sort, variable: string): void => {
      known[sort] = [...(known[sort] ?? []), variable]
    }
    for (const [i, sort] of sorts.entries()) add(sort, parameters[i] as string)
    this.block(`fn ${name}(${parameters.join(', ')})`, () => {
      this.repeat(1, 4, () => this.step(known, add))
      this.line(`return ${this.make(random.pick(RESULT_SORTS), 2, known)}`)
    })
    return { name, sorts }
  }

  private step(known: Known, add: (sort: Sort, variable: string) => void): void {
    const { random } = this
    const sort = random.pick(RESULT_SORTS)
    const variable = this.name('v')
    switch (random.below(8)) {
      case 0: {
        // A text, a number or an array grows in a loop.
        const grows = random.pick(['str', 'num', 'int', 'nums'] as const)
        this.line(`${variable} = ${this.make(grows, 1, known)}`)
        const inside = { ...known, int: [...(known.int ?? []), 'i', 'i'] }
        const more = this.make(grows === 'nums' ? 'num' : grows, 1, inside)
        const step =
          grows === 'nums'
            ? random.pick([`push(${variable}, ${more})`, `${variable}.push(${more})`])
            : `${variable} + ${more}`
        this.line(`for (i = 0; i < ${random.pick([3, 8, 20])}; i = i + 1) { ${variable} = ${step} }`)
        if (grows === 'str') this.line(`${variable} = substr(${variable}, 0, 50)`)
        return add(grows, variable)
      }
      case 1: {
        const [test, value] = [this.make('bool', 1, known), this.make(sort, 2, known)]
        this.line(`${variable} = ${this.make(sort, 1, known)}`)
        this.line(`if (${test}) { ${variable} = ${value} }`)
        return add(sort, variable)
      }
      case 2:
        this.line(`${variable} = null`)
        this.line(`try { ${variable} = ${this.make(sort, 2, known)} } catch (e) { ${variable} = e.message }`)
        return add('any', variable)
      case 3: {
        const container = random.pick(['arr', 'nums', 'hash'] as const)
        const name = random.pick(known[container] ?? ['keep'])
        const where = container === 'hash' && name !== 'keep' ? '{key}' : '{small}'
        return this.line(`${name}[${this.fill(where, 1, known)}] = ${this.make('any', 1, known)}`)
      }
      default:
        this.line(`${variable} = ${this.make(sort, random.between(1, 3), known)}`)
        add(sort, variable)
    }
  }

  /** Hot calls: arguments from lists, so that they are of few types for a while, and then of others. */
  private calls(name: string, sorts: readonly Sort[]): void {
    const { random } = this
    const lists = sorts.map((sort) => {
      const list = this.name('l')
      const values = Array.from({ length: random.between(2, 5) }, () => this.make(sort, random.below(2), {}))
      if (random.chance(0.25)) values.push(this.make(random.pick(SORTS), 1, {}))
      this.line(`try { ${list} = [${values.join(', ')}] } catch (e) { ${list} = [1, "b"] }`)
      return { list, count: values.length }
    })
    const trips = random.pick([8, 12, 20])
    // Of the first kinds for a while, so that code for them is made, and then of others.
    const index = (count: number): string => {
      const any = `i % ${count}`
      return random.chance(0.3) ? any : `(if (i < ${random.between(5, trips - 1)}) { 0 } else { ${any} })`
    }
    this.block(`for (i = 0; i < ${trips}; i = i + 1)`, () => {
      const given = lists.map(({ list, count }) => `${list}[${index(count)}]`)
      this.line(`try { print(i, show(${name}(${given.join(', ')}))) }`)
      this.line('catch (e) { print(i, e.type, e.message, e.line, e.stack) }')
    })
  }

  private make(sort: Sort, size: number, known: Known): string {
    const { random } = this
    const wanted = random.chance(CONFUSION) ? random.pick(SORTS) : sort
    const variables = this.variables(wanted, known)
    if (variables.length > 0 && random.chance(size <= 0 ? 0.7 : 0.3)) return random.pick(variables)
    if (size <= 0 || random.chance(0.1)) return this.leaf(wanted)
    return this.fill(random.pick(FORMS[wanted]), size - 1, known)
  }

  private variables(sort: Sort, known: Known): readonly string[] {
    if (sort === 'any') return Object.values(known).flat()
    if (sort === 'num') return [...(known.num ?? []), ...(known.int ?? []), ...(known.float ?? [])]
    if (sort === 'arr') return [...(known.arr ?? []), ...(known.nums ?? []), ...(known.strs ?? [])]
    return known[sort] ?? []
  }

  private leaf(sort: Sort): string {
    const { random } = this
    if (sort === 'num') return this.leaf(random.pick(['int', 'float'] as const))
    if (sort === 'any' && random.chance(0.7)) return this.leaf(random.pick(SORTS))
    return random.pick(LEAVES[sort])
  }

  /** Puts expressions into the gaps of a form. */
  private fill(form: string, size: number, known: Known): string {
    const { random } = this
    return form.replace(/\{([a-z]+[01]?)\}/g, (whole, gap: string) => {
      if (gap === 'x') return random.pick([...Object.values(known).flat(), 'total'])
      const pool = POOLS[gap]
      if (pool !== undefined) return this.fill(random.pick(pool), size - 1, known)
      return isSort(gap) ? this.make(gap, size, known) : whole
    })
  }
}

function isSort(name: string): name is Sort {
  return (SORTS as readonly string[]).includes(name)
}
