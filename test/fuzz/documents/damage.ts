/** Damage to the bytes of a document, whatever they mean. */
import type { Random } from '../random.js'

type Damage = (bytes: Uint8Array, random: Random) => Uint8Array

const splice = (bytes: Uint8Array, from: number, to: number, put: Uint8Array): Uint8Array =>
  Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(to)])

/** What stands first in msgpack values: extension types, large lengths, unused bytes, floats, 64-bit integers. */
const HEADS = [
  0xc1, 0xc7, 0xc8, 0xc9, 0xd4, 0xd5, 0xd8, 0xdd, 0xdf, 0xdb, 0xc6, 0xca, 0xcb, 0xcf, 0xd3, 0x9f, 0x8f,
]

const DAMAGES: readonly Damage[] = [
  (bytes, random) => {
    const at = random.below(bytes.length)
    return splice(bytes, at, at + 1, Uint8Array.of((bytes[at] as number) ^ (1 << random.below(8))))
  },
  (bytes, random) => {
    const at = random.below(bytes.length)
    return splice(bytes, at, at + 1, Uint8Array.of(random.below(256)))
  },
  (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
  (bytes, random) => bytes.subarray(random.below(bytes.length)),
  // A piece once more, somewhere.
  (bytes, random) => {
    const from = random.below(bytes.length)
    const at = random.below(bytes.length)
    return splice(bytes, at, at, bytes.slice(from, from + random.below(64)))
  },
  // A piece over another.
  (bytes, random) => {
    const from = random.below(bytes.length)
    const at = random.below(bytes.length)
    const piece = bytes.slice(from, from + random.below(64))
    return splice(bytes, at, Math.min(bytes.length, at + piece.length), piece)
  },
  (bytes, random) => {
    const at = random.below(bytes.length)
    return splice(bytes, at, Math.min(bytes.length, at + random.below(32)), new Uint8Array())
  },
  (bytes, random) => {
    const at = random.below(bytes.length)
    return splice(
      bytes,
      at,
      at + random.below(2),
      Uint8Array.from({ length: 1 + random.below(8) }, () => random.below(256)),
    )
  },
  (bytes, random) => {
    const at = random.below(bytes.length)
    const length = random.pick([0, 1, 0xff, 0xffff, 0x7fffffff, 0xffffffff])
    const tail = Buffer.alloc(4)
    tail.writeUInt32BE(length)
    return splice(bytes, at, at + random.below(3), Buffer.concat([Uint8Array.of(random.pick(HEADS)), tail]))
  },
  // The whole, twice.
  (bytes) => Buffer.concat([bytes, bytes]),
]

/** One to three damages. */
export function damage(bytes: Uint8Array, random: Random): Uint8Array {
  let damaged = bytes
  for (let count = 1 + random.below(3); count > 0 && damaged.length > 0; count--)
    damaged = random.pick(DAMAGES)(damaged, random)
  return damaged
}
