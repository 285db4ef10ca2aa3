/**
 * The memory that interpreted IR sees. What was never written is made up when it is first read: so any graph can
 * run, without the heap of a program around it. What is made up is kept (`Oracle`), so that the graph before a pass
 * and the graph after it find the same world, whatever they read first.
 *
 * Each class of memory is a space of its own, and words at different offsets do not overlap. That is what the builder
 * promises to the passes (`MemoryClass`); whether it keeps the promise is not tried here but by whole programs. Only
 * the stores that fill a new object say 'any': these are seen by loads of all classes.
 */
import { ArrayLayout, FIRST_REFERENCE, SLOT_TAG, Tag } from '../../../lib/heap/layout.js'
import { bitsOf } from '../../../lib/jit/ir/floats.js'
import type { MemoryClass } from '../../../lib/jit/ir/graph.js'
import { Random } from '../../fuzz/random.js'

/** The frame is one more space, by byte offsets from its base; those of the last do not overlap with any. */
export type Space = MemoryClass | 'frame' | 'bytes'

/** What the graph does with a word, so that what is made up takes it past its guards more often than not. */
export interface Hint {
  /** Tags that guards ask for. */
  readonly tags: readonly bigint[]
  /** Words that it is compared with. */
  readonly words: readonly bigint[]
  readonly isPointer: boolean
  readonly isFloat: boolean
  /** It is the limit of an index. */
  readonly isLimit: boolean
}

export const NO_HINT: Hint = { tags: [], words: [], isPointer: false, isFloat: false, isLimit: false }

/** All spaces that loads and stores name. */
const MEMORY: readonly Space[] = ['any', 'fixed', 'globals', 'cells', 'fields', 'elements', 'data', 'hash']

/** Addresses: this and above, one object each 64 KiB, whose middle the pointers point to. */
const OBJECTS = 0x5a00_0000_0000n
const OBJECT_BITS = 16n
const enum Region {
  /** References found in memory: few, so that two of them are often the same. */
  SHARED = 0,
  SHARED_COUNT = 3,
  VARIABLES = 0x1000,
  SYMBOLS = 0x2000,
  MADE = 0x3000,
  COPIES = 0x6000,
  CONTEXT = 0x7000,
  NEW = 0x8000,
}
/** Regions above: as many objects as the last one has room for. */
const NEW_COUNT = 0x8000

function addressOf(number: number): bigint {
  return OBJECTS + (BigInt(number) << OBJECT_BITS) + (1n << (OBJECT_BITS - 1n))
}

export const CONTEXT = addressOf(Region.CONTEXT)

/** What a symbol stands for. Variables have addresses of their own; others may share one, but hardly ever do. */
export function addressOfSymbol(symbol: string): bigint {
  const variable = /^global:(\d+)$/.exec(symbol)?.[1]
  if (variable !== undefined) return addressOf(Region.VARIABLES + (Number(variable) % 0x1000))
  return addressOf(Region.SYMBOLS + ((hashOf(symbol) >>> 0) % 0x1000))
}

/** An object that the effect with this number has made, or a hash entry that was found. */
export function madeBy(effect: number): bigint {
  return addressOf(Region.MADE + (effect % 0x3000))
}

/** Whether the place with this key in `Changes` lies in the object at an address. */
export function liesIn(key: string, object: bigint): boolean {
  const address = BigInt(key.slice(key.indexOf(':') + 1))
  return address >> OBJECT_BITS === object >> OBJECT_BITS
}

/** Where the elements of an array are copied to; `blocks`: what tells this copy from others. */
function copyOf(blocks: string): bigint {
  return addressOf(Region.COPIES + ((hashOf(blocks) >>> 0) % 0x1000))
}

export function isPointer(word: bigint): boolean {
  return word >= OBJECTS && word < OBJECTS + 0x1_0000_0000n
}

const INTEGERS: readonly bigint[] = [
  ...[0n, 0n, 1n, 1n, 2n, 2n, 3n, 4n, 5n, 7n, 8n, 10n, -1n, -1n, -2n, -3n, 100n, 255n, 1000n],
  ...[0x7fffffffn, 0x80000000n, -0x80000000n, (1n << 53n) + 1n, (1n << 63n) - 1n, -(1n << 63n)],
]
const FLOATS: readonly bigint[] = [
  ...[0, 0, -0, 1, 1, 2, 0.5, 1.5, 3, -1, -2.5, 10, 100.25, 2 ** 53, 2 ** 63, -(2 ** 63), 1e300, 5e-324],
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
].map(bitsOf)
const TAGS = [Tag.NULL, Tag.EMPTY, Tag.BOOLEAN, Tag.INTEGER, Tag.INTEGER, Tag.FLOAT, Tag.FLOAT, Tag.STRING]
const REFERENCE_TAGS = [Tag.STRING, Tag.ARRAY, Tag.HASH, Tag.CLOSURE, Tag.INSTANCE]

/** Answers questions at random, and always the same question alike. */
export class Oracle {
  private readonly answers = new Map<string, bigint>()
  /** How likely a hint is followed: runs differ in how far they go. */
  readonly luck: number

  constructor(private readonly seed: number) {
    this.luck = [1, 1, 0.98, 0.9, 0.6][new Random(seed).below(5)] as number
  }

  ask(question: string, answer: (random: Random) => bigint): bigint {
    let known = this.answers.get(question)
    if (known === undefined) {
      known = answer(new Random(hashOf(question) ^ this.seed))
      this.answers.set(question, known)
    }
    return known
  }

  private readonly objects = new Map<string, number>()

  /** The address of a new object: the same for the same allocation, and for no other. */
  object(allocation: string): bigint {
    const number = this.objects.get(allocation) ?? this.objects.size
    this.objects.set(allocation, number)
    return addressOf(Region.NEW + (number % NEW_COUNT))
  }

  /** A word without a tag. */
  word(question: string, hint: Hint): bigint {
    return this.ask(question, (random) => {
      const isLucky = random.chance(this.luck)
      // What is followed without anybody asking for its tag is a reference for sure.
      const words = hint.isPointer ? hint.words.filter(isPointer) : hint.words
      if (isLucky && words.length > 0) return random.pick(words)
      if (hint.isPointer) return reference(random)
      if (isLucky) {
        if (hint.isFloat) return random.pick(FLOATS)
        if (hint.isLimit) return BigInt(random.between(1, 12))
      }
      return random.chance(0.8) ? BigInt(random.below(8)) : random.pick(INTEGERS)
    })
  }

  /** The tag of a slot. */
  tag(question: string, { tags, isPointer }: Hint): bigint {
    return this.ask(question, (random) => {
      if (tags.length > 0 && random.chance(this.luck)) return random.pick(tags)
      if (tags.length === 0 && isPointer) return BigInt(random.pick(REFERENCE_TAGS))
      return BigInt(random.pick(TAGS))
    })
  }

  /** The payload of a slot with this tag. */
  payload(question: string, tag: bigint, hint: Hint): bigint {
    return this.ask(question, (random) => {
      if (tag >= FIRST_REFERENCE) return reference(random)
      if (hint.words.length > 0 && random.chance(this.luck)) return random.pick(hint.words)
      if (tag === BigInt(Tag.FLOAT)) return random.pick(FLOATS)
      if (tag === BigInt(Tag.BOOLEAN)) return BigInt(random.below(2))
      if (hint.isLimit) return BigInt(random.below(8))
      return random.chance(0.3) ? BigInt(random.below(6)) : random.pick(INTEGERS)
    })
  }
}

function reference(random: Random): bigint {
  return addressOf(Region.SHARED + random.below(Region.SHARED_COUNT))
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
}

/** To both sides of the pointer to its elements, a copy has what the block had: all that is the object's own. */
const COPIED = 1n << (OBJECT_BITS - 1n)

/** Spaces of slots: what a payload is depends on the tag 8 bytes behind it. */
const SLOTS: ReadonlySet<Space> = new Set(['frame', 'fields', 'cells', 'globals', 'elements', 'hash'])
const SLOT_MASK = 15n

/** What has been stored in a space between two events that may have changed anything in it, or since a copy was made. */
interface Epoch {
  readonly stored: Map<bigint, bigint>
  /** How many times anything may have changed before. */
  readonly number: number
  /** What is where the copy was made that begins it. */
  readonly copy: { readonly from: bigint; readonly to: bigint } | null
}

/** A place that was stored to since the last observation: what was there then, and what is there now. */
export interface Change {
  readonly before: bigint
  now: bigint
}
export type Changes = ReadonlyMap<string, Change>

export class Memory {
  private readonly epochs = new Map<Space, Epoch[]>()
  private changes = new Map<string, Change>()

  constructor(private readonly oracle: Oracle) {}

  read(space: Space, address: bigint, hint: Hint): bigint {
    return this.contents(space, address, this.epochsOf(space).length - 1, hint)
  }

  write(space: Space, address: bigint, value: bigint, hint: Hint): void {
    const key = `${space}:${address}`
    const change = this.changes.get(key)
    if (change !== undefined) change.now = value
    else this.changes.set(key, { before: this.read(space, address, hint), now: value })
    const spaces: readonly Space[] = space === 'any' ? MEMORY : [space]
    for (const one of spaces) this.newest(one).stored.set(address, value)
  }

  /**
   * Lets the array at this address have its elements to itself. Nobody sees that, so it is no change.
   *
   * @param time how many times any array may have come to share its elements before
   * @returns where the elements are; whether there are many that had to be copied
   */
  unshare(array: bigint, time: number, hint: Hint): { data: bigint; isLarge: boolean } {
    const address = array + BigInt(ArrayLayout.DATA)
    const data = this.read('data', address, hint)
    const isShared = this.oracle.ask(`shared ${data} ${time}`, (random) => BigInt(random.below(3))) === 0n
    if (!isShared || this.own.has(`${data} ${time}`)) return { data, isLarge: false }
    const isLarge = this.oracle.ask(`large ${data}`, (random) => BigInt(random.below(4))) === 0n
    const to = copyOf(`${array} ${data} ${time}`)
    this.own.add(`${to} ${time}`)
    const { number } = this.newest('elements')
    this.epochsOf('elements').push({ stored: new Map(), number, copy: { from: data, to } })
    this.newest('data').stored.set(address, to)
    return { data: to, isLarge }
  }

  private readonly own = new Set<string>()

  /** From now on anything in the space may be different; about a third of it is. */
  disturb(space: Space): void {
    this.epochsOf(space).push({ stored: new Map(), number: this.newest(space).number + 1, copy: null })
  }

  /** The changes since the last observation, which begin anew. */
  takeChanges(): Changes {
    const { changes } = this
    this.changes = new Map()
    return changes
  }

  /** The changes up to now; they go on. */
  peekChanges(): Changes {
    return new Map([...this.changes].map(([key, change]) => [key, { ...change }]))
  }

  private epochsOf(space: Space): Epoch[] {
    let epochs = this.epochs.get(space)
    if (epochs === undefined) {
      epochs = [{ stored: new Map(), number: 0, copy: null }]
      this.epochs.set(space, epochs)
    }
    return epochs
  }

  private newest(space: Space): Epoch {
    return this.epochsOf(space).at(-1) as Epoch
  }

  private contents(space: Space, address: bigint, index: number, hint: Hint): bigint {
    const { stored, number: epoch, copy } = this.epochsOf(space)[index] as Epoch
    const known = stored.get(address)
    if (known !== undefined) return known
    if (copy !== null) {
      const distance = address - copy.to
      const isCopied = distance >= -COPIED && distance < COPIED
      return this.contents(space, isCopied ? copy.from + distance : address, index - 1, hint)
    }
    const offset = address & SLOT_MASK
    const inSlot = SLOTS.has(space) && (offset === 0n || offset === BigInt(SLOT_TAG))
    const place = `${space}:${inSlot ? address & ~SLOT_MASK : address}:${epoch}`
    if (epoch > 0 && this.oracle.ask(`keeps ${place}`, (random) => BigInt(random.below(3))) > 0n)
      return this.contents(space, address, index - 1, hint)
    if (!inSlot) return this.oracle.word(place, hint)
    const tag = this.oracle.tag(`tag ${place}`, hint)
    return offset === 0n ? this.oracle.payload(`payload ${place}`, tag, hint) : tag
  }
}
