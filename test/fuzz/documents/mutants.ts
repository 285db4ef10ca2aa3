/** Mutated documents, each made from a number alone. */
import type { DocumentKind, RushDocument } from '../../../lib/formats/envelope.js'
import { writeDocument } from '../../../lib/formats/write.js'
import { Random } from '../random.js'
import { damage } from './damage.js'
import { distort } from './distort.js'
import { distortCode } from './distort-code.js'
import { type Encoding, encode } from './encode.js'
import { KINDS, type SeedProgram } from './seeds.js'

export type Way = 'bytes' | 'values' | 'code'

export interface Mutant {
  readonly number: number
  readonly kind: DocumentKind
  readonly way: Way
  readonly encoding: Encoding
  readonly seed: SeedProgram
  readonly bytes: Uint8Array
}

/** More often than once: bytecode, which is what runs. */
const PLAN: readonly DocumentKind[] = [...KINDS, 'rush-bytecode', 'rush-bytecode']

export function makeMutant(number: number, seeds: readonly SeedProgram[], only: DocumentKind | null): Mutant {
  const random = new Random(number)
  const kind = only ?? random.pick(PLAN)
  const seed = random.pick(seeds)
  const encoding = random.pick(['json', 'msgpack'] as const)
  const way = random.pick(kind === 'rush-bytecode' ? WAYS_OF_CODE : WAYS)
  return { number, kind, way, encoding, seed, bytes: mutate(seed, kind, way, encoding, random) }
}

const WAYS: readonly Way[] = ['bytes', 'values', 'values']
const WAYS_OF_CODE: readonly Way[] = ['bytes', 'values', 'code', 'code', 'code']

function mutate(
  { documents }: SeedProgram,
  kind: DocumentKind,
  way: Way,
  encoding: Encoding,
  random: Random,
): Uint8Array {
  const document = documents[kind]
  if (way === 'bytes') return damage(wholeBytes(document, encoding), random)
  if (way === 'code') return encode(distortCode(documents['rush-bytecode'], random), encoding)
  return encode(distort(document, random), encoding)
}

const written = new WeakMap<object, Partial<Record<Encoding, Uint8Array>>>()

/** The bytes of a sound document, made once. */
function wholeBytes(document: RushDocument, encoding: Encoding): Uint8Array {
  const known = written.get(document) ?? {}
  written.set(document, known)
  known[encoding] ??= writeDocument(document, encoding)
  return known[encoding]
}
