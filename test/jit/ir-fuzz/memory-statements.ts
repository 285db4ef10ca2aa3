/** What random graphs do with memory and the world outside. */
import {
  ArrayLayout,
  InstanceLayout,
  NEAR_GLOBALS_START,
  SLOT_SIZE,
  SLOT_TAG,
  Tag,
} from '../../../lib/heap/layout.js'
import type { Instruction, Value } from '../../../lib/jit/ir/graph.js'
import { opInfo } from '../../../lib/jit/ir/ops.js'
import { PLACES, type Place } from './graph-maker.js'
import { NumberStatements } from './number-statements.js'

/** Those of which a reference is enough. */
const MAKERS = ['string.addinteger', 'integer.text', 'string.add', 'hash.keys', 'array.push'] as const
/**
 * Objects have parts of all classes here, at offsets of their own: the builder never reads the same offset from the
 * same pointer as two classes of memory, and passes count on that.
 */
const CELL_OFFSET = 0x100
const FIXED_OFFSET = 0x200

export abstract class MemoryStatements extends NumberStatements {
  /** Some statement that stays in its block. */
  protected abstract simple(): void

  /** Where a slot in memory is: often one that has been used before. */
  protected place(): Place {
    if (this.places.length > 0 && this.random.chance(0.5)) return this.random.pick(this.places)
    const place = this.newPlace()
    // Where elements are is looked up anew each time, as the builder does it: writing one may move them.
    if (place.memory !== 'elements') this.places.push(place)
    return place
  }

  protected newPlace(): Place {
    const { random } = this
    const offset = SLOT_SIZE * random.below(PLACES)
    switch (random.below(5)) {
      case 0:
        return { pointer: this.constant('context'), offset: NEAR_GLOBALS_START + offset, memory: 'globals' }
      case 1:
        return { pointer: this.value('object'), offset: CELL_OFFSET, memory: 'cells' }
      case 2: {
        if (random.chance(0.5))
          return { pointer: this.elements(this.value('object')), offset, memory: 'elements' }
        const index = this.add('int.and', [this.value('int')], 'int', { imm: 3n })
        return { pointer: this.element(index), offset: 0, memory: 'elements' }
      }
      default:
        return { pointer: this.value('object'), offset: InstanceLayout.SLOTS + offset, memory: 'fields' }
    }
  }

  /** Where the elements of an array are now. */
  private elements(array: Value): Value {
    return this.add('load', [array], null, { imm: BigInt(ArrayLayout.DATA), memory: 'data' })
  }

  protected element(index: Value, array = this.value('object')): Value {
    const { random } = this
    const data = this.elements(array)
    if (random.chance(0.5)) {
      const length = this.add('load32', [array], 'int', { imm: BigInt(ArrayLayout.LENGTH), memory: 'fixed' })
      this.add('guard.below', [index, length])
    }
    return this.add('element', [data, index])
  }

  load(): void {
    const { random } = this
    const { pointer, offset, memory } = this.place()
    const payload = this.add('load', [pointer], 'word', { imm: BigInt(offset), memory })
    if (random.chance(0.2)) return
    const tag = this.add('load32', [pointer], 'tag', { imm: BigInt(offset + SLOT_TAG), memory })
    if (random.chance(0.7)) this.refine(payload, tag)
  }

  /** As the builder writes elements: nothing else may write what arrays might share. */
  writeElement(): void {
    const { random } = this
    const array = this.value('object')
    const index = this.value('int')
    const length = this.add('load32', [array], 'int', { imm: BigInt(ArrayLayout.LENGTH), memory: 'fixed' })
    if (random.chance(0.9)) this.add('guard.below', [index, length])
    const data = this.add('array.own', [array, index])
    const pointer = this.add('element', [data, index])
    const [value, tag] = random.pick([
      ['float', Tag.FLOAT],
      ['object', Tag.INSTANCE],
      ['int', Tag.INTEGER],
    ] as const)
    this.add('slot.store', [pointer, this.int(tag), this.value(value)], null, { memory: 'elements' })
  }

  /** Payload and tag always fit: what has the tag of a reference can be followed. */
  store(): void {
    const { random } = this
    const { pointer, offset, memory } = this.place()
    if (memory === 'elements') return this.writeElement()
    const put = (op: 'store' | 'storef', value: Value, at: number): void => {
      this.add(op, [pointer, value], null, { imm: BigInt(at), memory })
    }
    if (random.chance(0.2)) {
      // The tag that is there already.
      const tag = this.add('load32', [pointer], 'tag', { imm: BigInt(offset + SLOT_TAG), memory })
      const wanted = this.wantedOf(tag)
      this.add('guard.tag', [tag], null, { imm: BigInt(wanted) })
      if (wanted !== Tag.INSTANCE && random.chance(0.3)) this.simple()
      put('store', this.int(random.chance(0.8) ? wanted : Tag.INTEGER), offset + SLOT_TAG)
      return
    }
    const kind = random.below(4)
    if (kind === 0) {
      put('storef', this.value('float'), offset)
      put('store', this.int(Tag.FLOAT), offset + SLOT_TAG)
    } else if (kind === 1) {
      put('store', this.value('object'), offset)
      put('store', this.int(Tag.INSTANCE), offset + SLOT_TAG)
    } else {
      put('store', this.value('int'), offset)
      put('store', this.int(Tag.INTEGER), offset + SLOT_TAG)
    }
  }

  /** Reads a place, does what may change it or may not, reads it again, and shows both. */
  reread(): void {
    const { random } = this
    const first = this.newPlace()
    const [array, index] = [this.value('object'), this.value('int')]
    // Another slot of the same class that is often the same one.
    const second: Place =
      first.memory === 'elements'
        ? { ...first, pointer: this.element(this.value('int')), offset: 0 }
        : { ...first, pointer: first.memory === 'globals' ? first.pointer : this.value('object') }
    const read = (): Instruction => {
      const { memory, pointer, offset } = first
      if (memory === 'elements') return this.add('load', [this.element(index, array)], 'word', { memory })
      return this.add('load', [pointer], 'word', { imm: BigInt(offset), memory })
    }
    this.show(read())
    const { pointer, offset, memory } = random.chance(0.7) ? second : this.place()
    const put = (value: Value, tag: Tag): void => {
      if (memory === 'elements') return this.writeElement()
      const op = value.valueClass === 'f' ? 'storef' : 'store'
      this.add(op, [pointer, value], null, { imm: BigInt(offset), memory })
      this.add('store', [pointer, this.int(tag)], null, { imm: BigInt(offset + SLOT_TAG), memory })
    }
    switch (random.below(6)) {
      case 0:
        put(this.value('float'), Tag.FLOAT)
        break
      case 1:
      case 2:
        put(this.value('int'), Tag.INTEGER)
        break
      case 3:
        this.writeElement()
        break
      default:
        this.effect()
    }
    this.show(read())
  }

  /** The same with the entries of hashes. */
  hashEntry(): void {
    const { random } = this
    const hash = this.value('object')
    const slot = this.add('hash.find', [hash, this.value('int')], null, { imm: BigInt(Tag.INTEGER) })
    const count = { imm: 4n, memory: 'hash' } as const
    const show = (): void => {
      this.show(this.add('load', [slot], 'word', { memory: 'hash' }))
      this.show(this.add('load32', [hash], 'int', count))
    }
    show()
    const kind = random.below(3)
    if (kind === 0) this.add('store32', [hash, this.value('int')], null, count)
    else if (kind === 1) this.effect()
    else this.add('hash.store', [hash, this.value('int'), this.value('tag')], null, { imm: 3n })
    show()
  }

  /** Writes a word to the frame, where it is seen. */
  protected show(word: Value): void {
    this.add('frame.put', [word, this.int(Tag.INTEGER)], null, {
      imm: BigInt(3200 + 16 * this.random.below(8)),
    })
  }

  fixed(): void {
    const { random } = this
    const object = this.value('object')
    if (random.chance(0.5))
      this.add('load32', [object], 'int', { imm: BigInt(ArrayLayout.LENGTH), memory: 'fixed' })
    else this.add('load', [object], 'object', { imm: BigInt(FIXED_OFFSET), memory: 'fixed' })
  }

  frameWrite(): void {
    const imm = BigInt(3200 + 16 * this.random.below(8))
    if (this.random.chance(0.4))
      this.add('frame.put', [this.value('float'), this.int(Tag.FLOAT)], null, { imm })
    else this.add('frame.put', [this.word(), this.value('tag')], null, { imm })
  }

  effect(): void {
    const { random } = this
    const object = this.value('object')
    switch (random.below(8)) {
      case 0:
        this.add('step', [])
        return
      case 1:
      case 2:
        this.add('poll', [])
        return
      case 3:
        this.add('call', [object], 'word', { imm: 320n })
        this.add('call.tag', [this.block.instructions.at(-1) as Instruction], 'tag')
        return
      case 4:
        this.writeElement()
        return
      case 5: {
        const slot = this.add('hash.find', [object, this.value('int')], null, { imm: BigInt(Tag.INTEGER) })
        this.add('load', [slot], 'word', { memory: 'hash' })
        this.add('load32', [slot], 'tag', { imm: BigInt(SLOT_TAG), memory: 'hash' })
        return
      }
      case 6:
        this.add('hash.store', [object, this.value('int'), this.value('tag')], null, {
          imm: BigInt(Tag.INTEGER),
        })
        return
      default: {
        const op = random.pick(MAKERS)
        const { args } = opInfo(op)
        const count = args === '*' ? 2 : args.length
        this.add(
          op,
          Array.from({ length: count }, () => this.value('object')),
          'object',
          { imm: 640n },
        )
      }
    }
  }

  allocation(): void {
    const object = this.add('alloc', [], 'object', { imm: 0x1020dn })
    this.add('store', [object, this.value('int')], null, {
      imm: BigInt(InstanceLayout.SLOTS),
      memory: 'fields',
    })
    const tag = this.int(Tag.INTEGER)
    this.add('store', [object, tag], null, { imm: BigInt(InstanceLayout.SLOTS + SLOT_TAG), memory: 'fields' })
  }
}
