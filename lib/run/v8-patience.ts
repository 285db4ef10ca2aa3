/**
 * How soon V8 optimizes the large functions of Rush itself. With native code for what is hot, later than usual: V8's
 * optimizing compiler takes a tenth of a second and more for the VM's loop, the interpreter of single instructions
 * and the encoder of machine code, on threads of its own, and a short run ends or leaves the VM before that pays.
 * (Programs that take the VM 0.2 s: the CPU time of -jit fell from 1.4 to 0.9 times that of -bytecode.)
 */
import { createRequire } from 'node:module'

/**
 * A function is optimized after some rounds of a budget, one more for so many bytes of its V8 bytecode. V8 reads the
 * flag at each round. (The VM's loop has 19 KiB, and uses up a round in every few instructions of Rush: it is optimized
 * after some 500 of them as usual, and after some 20 000 with PATIENT.)
 */
const FLAG = '--bytecode-size-allowance-per-tick'
const USUAL = 150
const PATIENT = 4
/** Where the flag was tried; V8 complains on standard error of flags that it does not know. */
const V8_VERSION = /^11\./

let allowance = USUAL

function set(bytes: number): void {
  if (bytes === allowance || !V8_VERSION.test(process.versions.v8)) return
  allowance = bytes
  // Loaded only now: with it come the streams, which take longer to load than a short program takes to run.
  const { setFlagsFromString } = createRequire(import.meta.url)('node:v8') as typeof import('node:v8')
  setFlagsFromString(`${FLAG}=${bytes}`)
}

/** Calls and loop passes of a program before it matters: V8 has not yet optimized the VM's loop then. */
export const STILL_SHORT = 8

export function optimizeLate(): void {
  set(PATIENT)
}

/** What is hot stays in the VM after all. */
export function optimizeAsUsual(): void {
  set(USUAL)
}
