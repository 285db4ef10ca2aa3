/** What random graphs do with numbers and tags. */
import { Tag } from '../../../lib/heap/layout.js'
import { bitsOf } from '../../../lib/jit/ir/floats.js'
import { BlockParameter, type Value } from '../../../lib/jit/ir/graph.js'
import { FLOATS, GraphMaker, PLACES, TAGS } from './graph-maker.js'

const INT_OPS = ['int.add', 'int.add', 'int.sub', 'int.mul', 'int.min', 'int.max'] as const
const INT_UNARY = ['int.neg', 'int.abs'] as const
const RELATIONS = ['int.eq', 'int.ne', 'int.lt', 'int.le', 'int.gt', 'int.ge', 'int.below'] as const
const FLOAT_OPS = ['float.add', 'float.sub', 'float.mul', 'float.div', 'float.min', 'float.max'] as const
const FLOAT_UNARY = [
  'float.neg',
  'float.abs',
  'float.sqrt',
  'float.floor',
  'float.ceil',
  'float.truncate',
] as const
const FLOAT_RELATIONS = ['float.eq', 'float.ne', 'float.lt', 'float.le', 'float.gt', 'float.ge'] as const

export abstract class NumberStatements extends GraphMaker {
  arithmetic(): void {
    const { random } = this
    const kind = random.below(10)
    if (kind < 2) this.add(random.pick(INT_UNARY), [this.value('int')], 'int')
    else if (kind === 2) this.add('int.and', [this.value('int')], 'int', { imm: random.pick([1n, 3n, 255n]) })
    else if (kind === 3) this.add('int.floordiv', [this.value('int')], 'int', { imm: 1n })
    else this.add(random.pick(INT_OPS), [this.value('int'), this.value('int')], 'int')
  }

  floats(): void {
    const { random } = this
    if (random.chance(0.3)) this.add(random.pick(FLOAT_UNARY), [this.value('float')], 'float')
    else if (random.chance(0.2)) this.add('int.tofloat', [this.value('int')], 'float')
    else this.add(random.pick(FLOAT_OPS), [this.value('float'), this.value('float')], 'float')
  }

  relation(): void {
    const { random } = this
    switch (random.below(7)) {
      case 0:
        this.add('truthy', [this.value('word'), this.value('tag')], 'bool')
        return
      case 1:
        this.add('bool.not', [this.value('bool')], 'bool')
        return
      case 2: {
        const choices = [this.value('int'), this.value('int')]
        this.add('int.select', [this.value('tag'), this.value('tag'), ...choices], 'int')
        return
      }
      case 3:
      case 4:
        this.add(random.pick(FLOAT_RELATIONS), [this.value('float'), this.value('float')], 'bool')
        return
      default:
        this.add(random.pick(RELATIONS), [this.value('int'), this.value('int')], 'bool')
    }
  }

  /** What folding looks for, and what looks like it. */
  identity(): void {
    const { random } = this
    const x = this.value('int')
    switch (random.below(7)) {
      case 0:
        this.add(random.pick(['int.add', 'int.sub'] as const), [x, this.int(random.below(2))], 'int')
        return
      case 1:
        this.add(random.pick(['int.mul', 'int.add'] as const), [this.int(1), x], 'int')
        this.add('int.mul', [x, this.int(random.below(2))], 'int')
        return
      case 2:
        this.add('bits.tofloat', [this.add('float.tobits', [this.value('float')], 'word')], 'float')
        return
      case 3: {
        const float = this.constant('float', bitsOf(random.pick([1, 2, -2, 0.5, 4, 1e-300])))
        const quotient = this.add('float.div', [this.add('int.tofloat', [x], 'float'), float], 'float')
        const floor = this.add('float.floor', [quotient], 'float')
        this.add('guard.int64', [floor])
        this.add('float.toint', [floor], 'int')
        return
      }
      case 4:
        this.add('guard.fnonzero', [
          this.constant('float', bitsOf(random.chance(0.2) ? random.pick(FLOATS) : 1.5)),
        ])
        return
      case 5:
        this.constantTag()
        return
      default:
        this.add('guard.nonzero', [this.int(random.chance(0.1) ? 0 : 5)])
    }
  }

  /** A guard of a tag that is known, and that mostly passes. */
  protected constantTag(): void {
    const { random } = this
    const [tag, other] = [random.pick(TAGS), random.pick(TAGS)]
    const passes = random.chance(0.9)
    const op = (tag === other) === passes ? 'guard.tag' : 'guard.nottag'
    this.add(op, [this.int(tag)], null, { imm: BigInt(other) })
  }

  /** The remainder of what may be 0, behind its guard. */
  remainder(): void {
    const divisor = this.random.chance(0.5) ? this.value('int') : this.int(this.random.pick([1, -1, 3, 8]))
    this.add('guard.nonzero', [divisor])
    this.add('int.rem', [this.value('int'), divisor], 'int')
  }

  guard(): void {
    const { random } = this
    const tag = this.value('tag')
    // Of what comes along several ways nobody knows what it should be.
    if (tag instanceof BlockParameter && random.chance(0.8)) return
    const wanted = this.wantedOf(tag)
    switch (random.below(10)) {
      case 0:
      case 1:
      case 2:
        this.add('guard.tag', [tag], null, { imm: BigInt(wanted) })
        return
      case 3:
      case 4: {
        const other = random.chance(0.9) ? TAGS.find((one) => one !== wanted) : wanted
        this.add('guard.nottag', [tag], null, { imm: BigInt(other ?? Tag.NULL) })
        return
      }
      case 5:
        if (wanted === Tag.INTEGER || wanted === Tag.FLOAT) this.add('guard.number', [tag])
        return
      case 6:
        this.add('guard.nonzero', [this.value(random.pick(['int', 'object', 'object'] as const))])
        return
      case 7: {
        const same = this.value('int')
        this.add('guard.eq', [same, random.chance(0.8) ? same : this.value('int')])
        return
      }
      case 8:
        if (random.chance(0.5))
          this.add(random.pick(['guard.fnonzero', 'guard.positive', 'guard.int64'] as const), [
            this.value('float'),
          ])
        else
          this.add(
            random.pick(['guard.class', 'guard.function', 'guard.home'] as const),
            [this.value('object')],
            null,
            {
              symbol: random.chance(0.9) ? 'heap:1' : 'heap:2',
            },
          )
        return
      default:
        this.add('guard.depth', [], null, { imm: random.pick([1n, 2n]) })
    }
  }

  fromFrame(): void {
    const imm = BigInt(16 * this.random.below(PLACES))
    const payload = this.add('frame.load', [], 'word', { imm })
    const tag = this.add('frame.tag', [], 'tag', { imm })
    if (this.random.chance(0.5)) this.refine(payload, tag)
  }

  /** A guard of a payload's tag, behind which it is known what the payload is. */
  protected refine(payload: Value, tag: Value): void {
    const wanted = this.wantedOf(tag)
    this.add('guard.tag', [tag], null, { imm: BigInt(wanted) })
    if (wanted === Tag.FLOAT) this.add('bits.tofloat', [payload], 'float')
    else this.values.push({ sort: wanted === Tag.INSTANCE ? 'object' : 'int', value: payload })
  }
}
