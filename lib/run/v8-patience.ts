/**
 * How soon V8 optimizes the large functions of Rush itself. With native code for what is hot, later than usual: V8's
 * optimizing compiler takes a tenth of a second and more for the VM's loop, the interpreter of single instructions
 * and the encoder of machine code, on threads of its own, and a short run ends or leaves the VM before that pays.
 * (Programs that take the VM 0.2 s: the CPU time of -jit fell from 1.4 to 0.9 times that of -bytecode.)
 */
import { setFlagsFromString } from 'node:v8'

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

function set(bytes: number): void {
  if (V8_VERSION.test(process.versions.v8)) setFlagsFromString(`${FLAG}=${bytes}`)
}

export function optimizeLate(): void {
  set(PATIENT)
}

/** What is hot stays in the VM after all. */
export function optimizeAsUsual(): void {
  set(USUAL)
}
