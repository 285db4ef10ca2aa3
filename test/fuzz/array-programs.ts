/**
 * Programs about loops over arrays: counters that go up and down by one or more, from and to where no element is, also
 * near the ends of the integers; indexes made of the counter; arrays that are the same under two names, that share
 * elements, that grow in the loop; elements of several types.
 */
import type { Random } from './random.js'
import { Text } from './text.js'

const STARTS = [
  '0',
  '0',
  '0',
  '1',
  '2',
  'n',
  'n - 1',
  'len(a) - 1',
  'len(b) - 1',
  '-1',
  's',
  '9223372036854775806',
]
const LIMITS = [
  'n',
  'n',
  'len(a)',
  'len(a)',
  'len(b)',
  'a.length - 1',
  '5',
  '0',
  '1',
  '-1',
  'n + s',
  '9223372036854775807',
]
const STEPS = ['1', '1', '1', '2', '3', 's', 'm']
const INDEXES = [
  'i',
  'i',
  'i',
  'i',
  'i + 1',
  'i - 1',
  'i + 2',
  'i + s',
  's + i + 1',
  'i * 2',
  'n - i',
  'n - 1 - i',
  's',
  '0',
]
const VALUES = ['i', 'i + t', 't', '0.5', 'i * 0.5', 'true', 'null', '"s"', '7']
/** What functions are called with, by passes: of one kind for a while, of others later. */
const COUNTS = ['6', 'r', 'len(x)', 'len(x) + 1', '0', '-2', '(if (r < 14) { 5 } else { 9 })']
const STEPS_GIVEN = [
  '1',
  '1',
  '2',
  '(if (r < 16) { 1 } else { 0 })',
  '(if (r < 12) { 2 } else { -1 })',
  '-3',
  '4611686018427387904',
]
const SECOND = ['x', 'y', 'y', 'push(x, 4)', 'slice(x, 0, 3)', 'x', '[]']

export function arrayProgram(random: Random): string {
  return new ArrayProgram(random).program()
}

class ArrayProgram extends Text {
  private counters: string[] = []

  program(): string {
    const { random } = this
    this.line('fuel = 0')
    this.line('made = fn(n, v) { a = []; for (i = 0; i < n; i = i + 1) { a = push(a, v + i) } return a }')
    const names: string[] = []
    this.repeat(1, 2, () => names.push(this.loopFunction()))
    this.line(`x = made(${random.pick(['6', '9', '600'])}, 1); y = made(8, ${random.pick(['0.5', '3'])})`)
    this.line('m = 2')
    this.block(`for (r = 0; r < ${random.pick(['20', '30'])}; r = r + 1)`, () => {
      if (random.chance(0.3)) this.line(`if (r == 17) { x = made(7, 0.25) }`)
      if (random.chance(0.3)) this.line(`x = push(x, ${random.pick(['r', '0.5', '1'])})`)
      if (random.chance(0.3)) this.line(`x = made(${random.pick(['6', '7'])}, 0)`)
      for (const name of names) {
        const given = [random.pick(SECOND), random.pick(COUNTS), random.pick(STEPS_GIVEN)]
        this.line('fuel = 400')
        this.line(
          `try { print(r, ${name}(x, ${given.join(', ')})) } catch (e) { print(r, e.type, e.message, e.line) }`,
        )
      }
      this.line('print(slice(x, 0, 12), slice(y, 0, 12))')
    })
    return this.text
  }

  private loopFunction(): string {
    const { random } = this
    const name = this.name('f')
    this.block(`${name} = fn(a, b, n, s)`, () => {
      this.line(`t = ${random.pick(['0', '0', '0.5'])}; last = 0`)
      this.repeat(1, 2, () => this.loop(1))
      this.line(random.pick(['return t', 'return [t, last]', 'return [t, len(a), len(b)]']))
    })
    return name
  }

  private loop(depth: number): void {
    const { random } = this
    const counter = this.counters.length === 0 ? 'i' : 'j'
    const up = random.chance(0.7)
    const use = (text: string): string => text.replace(/\bi\b/g, counter)
    const [start, limit] = up
      ? [random.pick(STARTS), random.pick(LIMITS)]
      : [random.pick(LIMITS), random.pick(STARTS)]
    const relation = random.pick(up ? ['<', '<', '<', '<='] : ['>', '>=', '>='])
    const step = random.pick(STEPS)
    const next = `${counter} = ${counter} ${up ? '+' : '-'} ${step}`
    const begin = `${counter} = ${random.chance(0.1) && depth === 0 ? 'i' : start}`
    const test = `${counter} ${relation} ${limit}`
    this.counters.push(counter)
    const body = (): void => {
      // Without a test of its own a loop whose limits are constants is the simplest; it ends at the first bad index.
      if (/[sm]|92/.test(step + start + limit) || random.chance(0.3))
        this.line('fuel = fuel - 1; if (fuel < 0) { break }')
      this.repeat(1, 3, () => this.line(use(this.statement())))
      if (depth > 0 && random.chance(0.25)) this.loop(depth - 1)
    }
    if (random.chance(0.75)) this.block(`for (${begin}; ${test}; ${next})`, body)
    else {
      this.line(begin)
      // Two ways lead to the head of the loop.
      if (random.chance(0.3)) this.line(use(`if (${this.truth()}) { ${this.change()}; last = i }`))
      this.block(`while (${test}${random.chance(0.3) ? ` && ${use(this.truth())}` : ''})`, () => {
        body()
        this.line(next)
      })
    }
    this.counters.pop()
  }

  private index(): string {
    return this.random.pick(INDEXES)
  }

  private element(): string {
    return `${this.random.pick(['a', 'a', 'b', 'x', 'y'])}[${this.index()}]`
  }

  private truth(): string {
    const { random } = this
    return random.pick([
      `i % 3 == ${random.below(3)}`,
      `${this.element()} != 3`,
      't < 50',
      `i < ${random.pick(LIMITS)}`,
    ])
  }

  private statement(): string {
    const { random } = this
    switch (random.below(16)) {
      case 0:
        return `if (${this.truth()}) { ${this.change()} }`
      case 1:
        return `if (${this.truth()}) { ${random.pick(['break', 'continue', 'return t'])} }`.replace(
          'continue',
          't = t + 1',
        )
      case 2:
        return random.pick(['b = a', 'a = b', 'a = push(a, i)', 'b = push(a, t)', 'x = push(x, 1)', 'a = x'])
      case 3:
        return `last = ${this.element()}`
      case 4: {
        const [p, q] = [this.element(), this.element()]
        return `last = ${p}; ${p} = ${q}; ${q} = last`
      }
      case 5:
      case 6:
      case 7:
      case 8:
        return `t = t + ${this.element()}`
      default:
        return this.change()
    }
  }

  private change(): string {
    const { random } = this
    const value = random.chance(0.6) ? random.pick(VALUES.slice(0, 5)) : random.pick(VALUES)
    return `${this.element()} = ${random.chance(0.3) ? this.element() : value}`
  }
}
