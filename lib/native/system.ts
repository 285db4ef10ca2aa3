/** The C library functions that native code needs, through koffi, with their constants per system. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { LibraryHandle } from 'koffi'

type Koffi = typeof import('koffi')

/** Where musl is, if it is: koffi has another library for it, and finds out in the file of Node itself, which takes time. */
const MUSL: Readonly<Record<string, string>> = {
  x64: '/lib/ld-musl-x86_64.so.1',
  arm64: '/lib/ld-musl-aarch64.so.1',
}

/** Koffi's native half has all that is used here; what stands around it takes longer to load than the rest. */
function loadKoffi(): Koffi {
  const require = createRequire(import.meta.url)
  const { platform, arch } = process
  const half = `@koromix/koffi-${platform}-${arch}`
  // It may be somewhere else: koffi itself looks in more places.
  const places = [half, 'koffi']
  if (!existsSync(MUSL[arch] ?? '')) places.unshift(`${half}/${platform}_${arch}/koffi.node`)
  let failure: unknown
  for (const place of places) {
    try {
      return require(place) as Koffi
    } catch (error) {
      failure = error
    }
  }
  throw new NativeUnavailable(`the library koffi cannot be loaded (${firstLine(failure)})`)
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] as string
}

export const Protection = { NONE: 0, READ: 1, WRITE: 2, EXECUTE: 4 } as const

interface SystemConstants {
  private: number
  anonymous: number
  noReserve: number
  /** Refuse instead of replacing a mapping that is there; 0 where the system has no such flag. */
  fixedNoReplace: number
  /** RTLD_DEFAULT */
  anyLibrary: number
}

const SYSTEM_CONSTANTS: Readonly<Record<string, SystemConstants>> = {
  linux: { private: 0x02, anonymous: 0x20, noReserve: 0x4000, fixedNoReplace: 0x100000, anyLibrary: 0 },
  darwin: { private: 0x02, anonymous: 0x1000, noReserve: 0x40, fixedNoReplace: 0, anyLibrary: -2 },
}

/** Native code cannot run here; the message says why. The caller goes on in the VM. */
export class NativeUnavailable extends Error {}

export interface System {
  /** Reserves address space without access rights. Null if the place is taken. */
  reserve(address: bigint, bytes: number): bigint | null
  protect(address: bigint, bytes: number, protection: number): void
  /** Memory that may be read and written, wherever there is room. @throws NativeUnavailable */
  map(bytes: number): bigint
  unmap(address: bigint, bytes: number): void
  /** Makes written code visible to instruction fetch. */
  flush(address: bigint, bytes: number): void
  /** The memory as an ArrayBuffer; it must outlive all uses. */
  view(address: bigint, bytes: number): ArrayBuffer
  /** The address of a function of the C library, 0 = there is none. */
  find(name: string): bigint
  /** Has a signal (its number) call `void f(int)` at the address. */
  onSignal(signal: number, handler: bigint): void
  /** Ends the process at once, from any thread. */
  exit(code: number): void
  /** A JavaScript function that calls `void f()` at the address. */
  callable(address: bigint): () => void
}

const FLUSH_SYMBOL = '_ZN2v88internal21FlushInstructionCacheEPvm'

/** Node exports V8's cache flush; libgcc has the compiler's. x86-64 needs none. */
function findFlush(koffi: Koffi, library: LibraryHandle): (address: bigint, bytes: number) => void {
  if (process.arch !== 'arm64') return () => {}
  try {
    return library.func(FLUSH_SYMBOL, 'void', ['uintptr_t', 'size_t'])
  } catch {
    // Not exported by this Node: use libgcc's.
  }
  const clear = koffi.load('libgcc_s.so.1').func('__clear_cache', 'void', ['uintptr_t', 'uintptr_t'])
  return (address, bytes) => clear(address, address + BigInt(bytes))
}

function openSystem(): System {
  const flags = SYSTEM_CONSTANTS[process.platform]
  if (flags === undefined) throw new NativeUnavailable(`native code is not supported on ${process.platform}`)
  const koffi = loadKoffi()
  try {
    return bindSystem(koffi, flags)
  } catch (error) {
    throw new NativeUnavailable(`the C library cannot be used (${firstLine(error)})`)
  }
}

function bindSystem(koffi: Koffi, flags: SystemConstants): System {
  const library = koffi.load(null)
  const mmap = library.func('mmap', 'intptr_t', ['uintptr_t', 'size_t', 'int', 'int', 'int', 'int64_t'])
  const mprotect = library.func('mprotect', 'int', ['uintptr_t', 'size_t', 'int'])
  const munmap = library.func('munmap', 'int', ['uintptr_t', 'size_t'])
  const dlsym = library.func('dlsym', 'intptr_t', ['intptr_t', 'str'])
  const signal = library.func('signal', 'intptr_t', ['int', 'intptr_t'])
  const exit = library.func('_exit', 'void', ['int'])
  const entry = koffi.proto('void ()')
  const flush = findFlush(koffi, library)
  return {
    reserve(address, bytes) {
      const kind = flags.private | flags.anonymous | flags.noReserve | flags.fixedNoReplace
      const result = BigInt(mmap(address, bytes, Protection.NONE, kind, -1, 0))
      if (result === -1n) return null
      if (result === address) return address
      munmap(result, bytes)
      return null
    },
    protect(address, bytes, protection) {
      if (mprotect(address, bytes, protection) !== 0) {
        throw new NativeUnavailable(
          protection & Protection.EXECUTE
            ? 'the system refuses executable memory'
            : 'the system refuses memory',
        )
      }
    },
    map(bytes) {
      const kind = flags.private | flags.anonymous
      const result = BigInt(mmap(0, bytes, Protection.READ | Protection.WRITE, kind, -1, 0))
      if (result === -1n) throw new NativeUnavailable('the system refuses memory')
      return result
    },
    find: (name) => BigInt(dlsym(flags.anyLibrary, name)),
    onSignal: (number, handler) => void signal(number, handler),
    unmap: (address, bytes) => void munmap(address, bytes),
    flush,
    exit,
    view: (address, bytes) => koffi.view(address, bytes),
    callable: (address) => koffi.decode(address, entry),
  }
}

let system: System | null = null

/** @throws NativeUnavailable */
export function nativeSystem(): System {
  system ??= openSystem()
  return system
}
