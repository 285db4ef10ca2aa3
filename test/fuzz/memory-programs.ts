/**
 * Programs about what memory holds and under which names: arrays, objects, hashes, variables of files and of functions
 * around, reached in several ways and changed by small functions that are inlined, some of which fail after they have
 * stored something. Hardly anything stands between that the VM has to do, as then the compiler forgets what it knows.
 */
import { FAR_VARIABLES } from './far-variables.js'
import { fileMark } from './files.js'
import {
  KEYS,
  LENGTH,
  MemoryExpressions,
  type Scope,
  SMALL,
  type Small,
  SORTS,
  type Sort,
  SUBJECTS,
} from './memory-expressions.js'
import type { Random } from './random.js'

/** What stands in the place of a number for a while. */
const STRANGE = [
  '0.75',
  '2.5',
  '4',
  '0.25',
  '"s"',
  'null',
  'true',
  '1.25',
  '-3',
  '9223372036854775807',
  '[4, 5]',
  '"né"',
  '0.0',
  '{1: 2}',
]
/** The same of arrays. */
const NOT_ARRAYS = [
  '[7, 8]',
  '"abcdef"',
  '{0: 1, 1: 2, 2: 3}',
  'null',
  '5',
  '["a", 1, 2.5, null, 3, 4]',
  '[]',
]

const NOT_STRINGS = ['5', 'null', '0.5', '"日本"', '"\u00e9\u00ff"', '[1]', '""', 'true', '"aXb\u{1F600}"']
const NAMES = ['q', 'r', 's', 't', 'u']
/** What stands in the place of a function with so many parameters. */
const OTHER_CALLEES: readonly ((count: number) => string)[] = [
  () => 'len',
  () => 'null',
  () => '5',
  () => 'Empty',
  (count) => `fn(${NAMES.slice(0, count + 1).join(', ')}) { return 1 }`,
  (count) => `fn(${NAMES.slice(0, count).join(', ')}) { g0 = g0 + 1; return g1 }`,
  (count) => `fn(${NAMES.slice(0, count).join(', ')}) { return "s" }`,
  () => 'o0.add',
]

export function memoryProgram(random: Random): string {
  return new MemoryProgram(random).program()
}

class MemoryProgram extends MemoryExpressions {
  private readonly functions: Small[] = []
  /** A variable of the main program that is assigned in one place, in each pass of the driver. */
  private passes: readonly string[] = []
  private readonly classes: string[] = []
  private readonly globals = {
    numbers: ['g0', 'g1', 'g2'],
    arrays: ['a0', 'a1', 'a2'],
    hashes: ['h0', 'h1'],
    strings: ['s0', 's1'],
  }
  private readonly objects = ['o0', 'o1', 'o2', 'o3']
  /** What belongs to functions that are defined anew in the midst of the run. */
  private readonly again: (() => void)[] = []

  program(): string {
    const { random } = this
    const isSplit = random.chance(0.25)
    this.passes = isSplit ? [] : ['now']
    this.setUp()
    if (random.chance(0.05)) this.line(FAR_VARIABLES)
    // Small programs are compiled sooner, so that there are more of them; large ones have more that meets.
    const most = random.chance(0.7) ? 1 : 3
    this.repeat(1, most + 1, () => this.smallFunction())
    if (random.chance(0.4)) this.sharedCells()
    const loops: Small[] = []
    this.repeat(1, most, () => loops.push(this.loopFunction()))
    const definitions = this.lines.splice(0)
    this.driver(loops)
    if (!isSplit) this.lines.unshift(...definitions)
    else this.toModule(definitions, loops)
    return this.text
  }

  /** The definitions in a file of their own: what they assign is theirs, arrays and objects are shared. */
  private toModule(definitions: readonly string[], loops: readonly Small[]): void {
    const { random } = this
    const { arrays, numbers, hashes, strings } = this.globals
    const names = [
      ...this.classes,
      'Empty',
      ...strings,
      ...arrays,
      ...numbers,
      ...hashes,
      ...this.objects,
      ...this.functions.map(({ name }) => name),
      ...loops.map(({ name }) => name),
    ]
    const exported = [...new Set(names), 'show']
    this.lines.unshift(`import { ${exported.join(', ')} } from "./${random.pick(['mod', 'mod.rush'])}"`)
    this.lines.push(fileMark('mod.rush'), ...definitions, ...exported.map((name) => `export ${name}`))
  }

  private setUp(): void {
    const { random } = this
    const order = random.chance(0.5) ? ['@x', '@y'] : ['@y', '@x']
    this.classDeclaration(order, null)
    const more = random.chance(0.15) ? 6 : random.pick([0, 1, 1, 2])
    for (let count = more; count > 0; count--)
      this.classDeclaration([...order].reverse(), random.chance(0.5) ? this.classes[0] : undefined)
    this.line('class Empty { }')
    this.resetState()
    this.block('show = fn(o)', () => this.line('return o.tell()'))
  }

  /** @param superclass undefined: none, and the fields in another order */
  private classDeclaration(fields: readonly string[], superclass: string | null | undefined): void {
    const { random } = this
    const name = this.name('K')
    const scope: Scope = { ...this.scope(['p'], [], []), inMethod: true, objects: ['self'] }
    this.block(superclass ? `class ${name} < ${superclass}` : `class ${name}`, () => {
      this.block('fn initialize(x, list)', () => {
        if (random.chance(0.8)) this.line('@z = 0')
        for (const field of fields) this.line(`${field} = ${field === '@x' ? 'x' : '2'}`)
        this.line('@list = list')
        this.line('@next = self')
      })
      const methods: readonly [string, string][] = [
        ['x()', 'return @x'],
        ['put(p)', '@x = p'],
        [
          'add(p)',
          random.pick(['@x = @x + p', '@y = @x\n    @x = @x + p', '@x = @x + p\n    return @y - @x']),
        ],
        ['list()', 'return @list'],
        ['next()', 'return @next'],
        ['link(p)', '@next = p'],
        ['share(p)', '@list = p'],
        ['tell()', 'return "" + @x + " " + @y + " " + @z + " " + @list'],
      ]
      for (const [head, body] of methods)
        if (!superclass || random.chance(0.4)) this.line(`fn ${head} { ${body.replace(/\n\s*/g, '; ')} }`)
      for (const method of ['mix', 'both']) {
        if (superclass && random.chance(0.4)) continue
        this.block(`fn ${method}(p, o)`, () => {
          if (superclass && random.chance(0.4)) this.line(`super(p, o)`)
          const inside: Scope = {
            ...scope,
            objects: ['self', 'o', 'o', '@next'],
            subject: random.pick(SUBJECTS),
          }
          this.repeat(1, 3, () =>
            this.line(random.chance(0.3) ? this.conditional(inside) : this.effect(inside)),
          )
          this.line(`return ${this.value(inside, 1)}`)
        })
      }
    })
    this.classes.push(name)
  }

  private resetState(): void {
    const { random } = this
    const [k0 = '', k1 = k0] = this.classes
    this.line(`a0 = [1, 2, 3, 4, 5, 6]`)
    this.line(
      `a1 = ${random.pick(['[0.5, 1.5, 2.5, 3.5, 4.5, 5.5]', '[1, 0.5, 2, 1.5, 3, 2.5]', '[10, 20, 30, 40, 50, 60]'])}`,
    )
    this.line(
      `a2 = ${random.pick(['a0', 'a1', 'a0', '[9, 8, 7, 6, 5, 4]', 'push(a0, 7)', 'slice(a0, 0, 6)'])}`,
    )
    this.line(
      `g0 = ${random.pick(['1', '2'])}; g1 = ${random.pick(['0.5', '3', '1.5'])}; g2 = ${random.pick(['0', '7'])}`,
    )
    this.line(`s0 = "abc"; s1 = ${random.pick(['"abd"', '"k"', 's0', '"10"'])}`)
    this.line(`h0 = {"k": 1, "l": 2, 0: 7, 1: 3, 2: 4, 0.5: 5, true: 6}`)
    this.line(`h1 = ${random.pick(['h0', '{"l": 0.5, "k": 1, 1: 1.5, 2: 1, 0: 2, 0.5: 1, true: 1}'])}`)
    this.line(`o0 = ${k0}.new(1, a0)`)
    this.line(`o1 = ${k1}.new(${random.pick(['2', '0.5'])}, ${random.pick(['a0', 'a1'])})`)
    this.line(`o2 = ${random.pick(['o0', 'o1', 'o0'])}`)
    this.line(`o3 = ${random.pick([k0, k1])}.new(3, [1, 2, 3, 4, 5, 6])`)
    this.line('o0.link(o1); o1.link(o0)')
  }

  private scope(numbers: readonly string[], arrays: readonly string[], objects: readonly string[]): Scope {
    const { globals } = this
    return {
      numbers: [...numbers, ...numbers, ...globals.numbers],
      arrays: [...arrays, ...arrays, ...globals.arrays],
      objects: [...objects, ...objects, ...this.objects],
      hashes: globals.hashes,
      strings: globals.strings,
      subject: 'all',
      counters: this.passes,
      inMethod: false,
      functions: [...this.functions],
    }
  }

  /** With parameters of their own beside what is around. */
  private inside(parameters: readonly { name: string; sort: Sort }[]): Scope {
    const named = (sort: Sort): string[] => parameters.filter((p) => p.sort === sort).map(({ name }) => name)
    const scope = this.scope(named('number'), named('array'), named('object'))
    const [hashes, strings] = [named('hash'), named('string')]
    return {
      ...scope,
      hashes: [...hashes, ...scope.hashes],
      strings: [...strings, ...scope.strings],
      subject: this.random.pick(SUBJECTS),
    }
  }

  private parameters(low: number, high: number): { name: string; sort: Sort }[] {
    const { random } = this
    return Array.from({ length: random.between(low, high) }, () => {
      const sort = random.pick(SORTS)
      return { name: this.name(sort[0] as string), sort }
    })
  }

  /** A few effects and a result: callers take it into themselves. */
  private smallFunction(): void {
    const { random } = this
    const name = this.name('f')
    const parameters = this.parameters(0, 3)
    // Also when it is defined anew it calls no function that came later, and so not itself.
    const scope = this.inside(parameters)
    const isLate = random.chance(0.25)
    const rereads = random.chance(0.25)
    const define = (): void => {
      if (isLate) return this.failsLate(name, parameters, scope)
      if (rereads) {
        const { read, write } = this.rereading(scope)
        const list = parameters.map((parameter) => parameter.name).join(', ')
        return this.line(`${name} = fn(${list}) { r = ${read}; ${write}; return r * 10 - ${read} }`)
      }
      this.block(`${name} = fn(${parameters.map((p) => p.name).join(', ')})`, () => {
        this.repeat(0, 3, () => this.line(random.chance(0.35) ? this.conditional(scope) : this.effect(scope)))
        // What fails here comes behind the stores.
        this.line(random.chance(0.1) ? this.effect(scope) : `return ${this.value(scope, 2)}`)
      })
    }
    define()
    if (random.chance(0.2)) this.again.push(define)
    this.functions.push({ name, parameters: parameters.map(({ sort }) => sort) })
  }

  /** Counts something, perhaps under a condition, and only then reads what may have another type than before. */
  private failsLate(name: string, parameters: readonly { name: string }[], scope: Scope): void {
    const { random } = this
    const object = random.pick(scope.objects)
    const count = random.pick([
      `${object}.put(${object}.x() + 1)`,
      `${object}.add(1)`,
      'g0 = g0 + 1',
      `${object}.add(1); g1 = g1 + 2`,
    ])
    const step = random.pick([
      count,
      `if (${this.truth(scope)}) { ${count} }`,
      `if (${this.truth(scope)}) { ${count} }`,
    ])
    const read = random.pick([
      `${random.pick(scope.arrays)}[${this.index(scope)}]`,
      `${random.pick(scope.arrays)}[g2 % ${LENGTH}]`,
      `${random.pick(scope.objects)}.x()`,
      `${random.pick(scope.objects)}.next().x()`,
      random.pick(scope.numbers),
    ])
    const list = parameters.map((parameter) => parameter.name).join(', ')
    this.line(
      `${name} = fn(${list}) { ${step}; return ${read} + ${random.pick(['1', random.pick(scope.numbers)])} }`,
    )
  }

  /** Two functions that share the variables of a third. */
  private sharedCells(): void {
    const { random } = this
    const [make, add, get] = [this.name('f'), this.name('f'), this.name('f')]
    this.block(`${make} = fn(c, d)`, () => {
      const scope = this.scope(['c', 'd'], [], [])
      this.line(`e = ${random.pick(['0', '1.5', 'c'])}`)
      this.block('add = fn(p)', () => {
        const inner: Scope = {
          ...scope,
          numbers: ['c', 'd', 'e', 'c', 'p'],
          arrays: ['a0'],
          objects: ['o0'],
        }
        this.repeat(1, 3, () => this.line(this.effect(inner)))
        this.line(`return ${this.value(inner, 1)}`)
      })
      this.line(`get = fn() { return ${random.pick(['c', 'c - d', 'e', 'c + e'])} }`)
      const own: Scope = {
        ...scope,
        // It runs before the first pass.
        counters: [],
        numbers: ['c', 'd', 'e', 'c'],
        functions: [
          { name: 'add', parameters: ['number'] },
          { name: 'get', parameters: [] },
        ],
      }
      if (random.chance(0.7)) this.loop(own, 1)
      this.line('return [add, get]')
    })
    this.line(`both = ${make}(1, ${random.pick(['2', '0.5'])})`)
    this.line(`${add} = both[0]; ${get} = both[1]`)
    this.functions.push({ name: add, parameters: ['number'] }, { name: get, parameters: [] })
    if (random.chance(0.5)) this.functions.push({ name: make, parameters: ['number', 'number'] })
  }

  private loopFunction(): Small {
    const { random } = this
    const name = this.name('f')
    const parameters = this.parameters(1, 4)
    const scope = this.inside(parameters)
    this.block(`${name} = fn(${parameters.map((p) => p.name).join(', ')})`, () => {
      const [t, q, o] = [this.name('t'), this.name('q'), this.name('o')]
      this.line(`${t} = ${random.pick(['0', '0.5', this.value(scope, 1)])}`)
      this.line(`${q} = ${random.pick(scope.arrays)}`)
      this.line(`${o} = ${random.pick(scope.objects)}`)
      const inner: Scope = {
        ...scope,
        numbers: [t, t, ...scope.numbers],
        arrays: [q, ...scope.arrays],
        objects: [o, ...scope.objects],
      }
      this.repeat(1, random.chance(0.7) ? 1 : 2, () => this.loop(inner, random.chance(0.7) ? 1 : 2, [q, o]))
      this.line(`return ${random.pick([t, this.value(inner, 2)])}`)
    })
    return { name, parameters: parameters.map(({ sort }) => sort) }
  }

  /** @param variables an array and an object that may come to mean others */
  private loop(scope: Scope, depth: number, variables: readonly [string, string] | null = null): void {
    const { random } = this
    const counter = this.name('i')
    const inner: Scope = { ...scope, counters: [counter, ...scope.counters] }
    const trips = random.pick([3, 6, 9, 14])
    const first = random.chance(0.2) ? this.name('i') : counter
    this.block(`for (${first} = 0; ${first} < ${trips}; ${first} = ${first} + 1)`, () => {
      if (first !== counter) this.line(`${counter} = ${trips} - ${first}`)
      this.repeat(1, 4, () => {
        const way = random.below(20)
        if (way === 0 && depth > 1) return this.loop(inner, depth - 1, variables)
        if (way === 1) return this.line(`if (${this.truth(inner)}) { ${random.pick(['break', 'continue'])} }`)
        if ((way === 2 || way === 12) && variables !== null) {
          const [array, object] = variables
          return this.line(
            random.pick([
              `${array} = ${random.pick(inner.arrays)}`,
              `${object} = ${random.pick(inner.objects)}`,
              `${object} = ${object}.next()`,
              // The type is told anew while the value stays.
              `${object} = ${object}`,
              `if (${this.truth(inner)}) { ${object} = ${object}; ${array} = ${array} }`,
              `${object}.add(1)`,
              `${array} = ${object}.list()`,
              // These share their elements until one of them is changed.
              `${array} = slice(${random.pick(inner.arrays)}, 0, ${LENGTH})`,
              `${array} = slice(push(${array}, ${this.value(inner, 1)}), 0, ${LENGTH})`,
              `${array} = push(${random.pick(this.globals.arrays)}, ${this.value(inner, 1)})`,
              `if (${this.truth(inner)}) { ${object} = ${random.pick(inner.objects)} }`,
              `if (${this.truth(inner)}) { ${array} = ${random.pick(inner.arrays)} }`,
            ]),
          )
        }
        if (way > 12) return this.line(this.useCall(inner))
        if (way === 10 || way === 11) {
          const { read, write } = this.rereading(inner)
          const name = inner.numbers[0] ?? 'g0'
          return this.line(`${name} = (${name} + ${read}) % 1000; ${write}; ${name} = ${name} - ${read}`)
        }
        this.line(way < 7 ? this.conditional(inner) : this.effect(inner))
      })
    })
  }

  /** Calls with arguments that may be the same or not, and a while in which things have other types. */
  private driver(loops: readonly Small[]): void {
    const { random } = this
    const trips = random.pick([14, 18, 30])
    const top = this.scope([], [], [])
    const change = random.between(4, trips - 4)
    this.line('arrays = [a0, a1, a2]; objects = [o0, o1, o2, o3]')
    this.block(`for (i = 0; i < ${trips}; i = i + 1)`, () => {
      this.line('now = i')
      this.block(`if (i == ${change})`, () => this.repeat(1, 2, () => this.change()))
      this.repeat(0, 2, () => this.block(`if (i == ${random.between(4, trips)})`, () => this.change()))
      const define = this.again.pop()
      if (define !== undefined) this.block(`if (i == ${random.between(3, trips)})`, define)
      this.block(`if (i == ${change + random.between(1, 6)})`, () => this.resetState())
      const scope: Scope = {
        ...top,
        counters: ['i'],
        arrays: [...top.arrays, 'arrays[i % 3]'],
        objects: [...top.objects, 'objects[i % 4]'],
      }
      for (const callee of loops) {
        const given = callee.parameters.map((sort) => this.argument(sort, scope, 1))
        // For one pass something of another type.
        const odd = random.below(given.length * 4)
        if (odd < given.length)
          given[odd] =
            `(if (i == ${random.between(change, trips)}) { ${random.pick([...STRANGE, ...NOT_ARRAYS])} } else { ${given[odd]} })`
        const call = `${callee.name}(${given.join(', ')})`
        this.line(`try { print(i, ${call}) } catch (e) { print(i, e.type, e.message, e.line) }`)
      }
      if (random.chance(0.5)) this.line('if (i % 5 == 0) { g0 = 1; g1 = 2; g2 = 0.5 }')
      this.line(
        `if (i % ${random.pick([1, 3, 4])} == 0) { try { print(g0, g1, g2, s0, s1, a0, a1, h0, show(o0), show(o1)) } catch (e) { print(e) } }`,
      )
    })
    this.line('print(a2, h1, s0, s1, show(o2), show(o3))')
  }

  private change(): void {
    const { random } = this
    const strange = random.pick(STRANGE)
    const number = random.pick(['0.75', '2.5', '4', '"s"'])
    if (random.chance(0.4))
      return this.line(
        random.pick([
          `${random.pick(['a0', 'a1', 'a2'])}[${random.below(LENGTH)}] = ${number}`,
          `${random.pick(this.objects)}.put(${number})`,
          `${random.pick(this.globals.numbers)} = ${number}`,
          `${random.pick(this.objects)} = ${random.pick(this.classes)}.new(${random.pick(SMALL)}, a0)`,
          `${random.pick(this.objects)} = ${random.pick(this.classes)}.new(5, a1)`,
        ]),
      )
    const [first = '', second = first] = this.classes
    this.line(
      random.pick([
        `${random.pick(['a0', 'a1', 'a2'])}[${random.below(LENGTH)}] = ${strange}`,
        `${random.pick(this.objects)}.put(${strange})`,
        `${random.pick(this.globals.numbers)} = ${strange}`,
        `${random.pick(this.globals.arrays)} = ${random.pick(NOT_ARRAYS)}`,
        `${random.pick(this.objects)} = ${random.pick([first, second])}.new(${random.pick(SMALL)}, a0)`,
        `${random.pick(this.objects)} = ${random.pick(this.objects)}`,
        `h0[${random.pick(KEYS)}] = ${strange}`,
        `${random.pick(this.objects)}.share(${random.pick(NOT_ARRAYS)})`,
        `${random.pick(this.objects)}.link(${random.pick(['null', 'o3', '5'])})`,
        `${random.pick(this.objects)} = ${random.pick(['Empty.new()', 'null', 'Empty', '"o"', '{"x": 1}'])}`,
        `objects = [${this.classes.map((name) => `${name}.new(2, a1)`).join(', ')}, o0, o1, o2]`,
        `arrays = [${random.pick(NOT_ARRAYS)}, a0, a1]`,
        `${random.pick(this.globals.hashes)} = ${random.pick(['{}', '[1, 2, 3]', 'null', '{"k": "s", 1: 0.5}', '{0.5: 1, 2: null, "l": 3}'])}`,
        `${random.pick(this.globals.strings)} = ${random.pick(NOT_STRINGS)}`,
        ...this.functions.map(
          ({ name, parameters }) => `${name} = ${random.pick(OTHER_CALLEES)(parameters.length)}`,
        ),
      ]),
    )
  }
}
