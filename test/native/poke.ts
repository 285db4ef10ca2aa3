/**
 * Maps a region and writes one byte, which may kill this process.
 *
 * usage: node poke.js WHERE    `ok` on standard output: nothing happened
 */
import { GUARD_BYTES, mapRegion } from '../../lib/native/region.js'
import { nativeSystem } from '../../lib/native/system.js'

const HEAP = 1 << 20
const CODE = 1 << 16
const { baseHigh, codeAddress } = mapRegion(HEAP, 1 << 14, CODE)
const base = BigInt(baseHigh) << 32n

/** Addresses, by the words for them. */
const PLACES: Readonly<Record<string, bigint>> = {
  'the first byte of the heap': base,
  'the last byte of the heap': base + BigInt(HEAP - 1),
  'below the heap': base - 1n,
  'far below the heap': base - BigInt(GUARD_BYTES),
  'behind the heap': base + BigInt(HEAP),
  'far behind the heap': base + BigInt(HEAP + GUARD_BYTES - 1),
  'the guard of the fiber': base + (1n << 14n),
  'behind the code': codeAddress + BigInt(CODE),
  'far behind the code': codeAddress + BigInt(CODE + GUARD_BYTES - 1),
}

const address = PLACES[process.argv[2] as string]
if (address === undefined) throw new Error('no such place')
new Uint8Array(nativeSystem().view(address, 1))[0] = 1
process.stdout.write('ok')
