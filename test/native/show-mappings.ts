/** Runs a program in the JIT and prints this process's memory mappings while native code is installed. */
import { readFileSync } from 'node:fs'
import { runSource } from '../../lib/run/index.js'
import { defaultRunOptions } from '../../lib/run/options.js'

const PROGRAM = `
fib = fn(n) { if (n < 2) { return n }
  return fib(n - 1) + fib(n - 2) }
print(fib(24))`

let output = ''
let mappings: string[] = []
let log = ''
const options = defaultRunOptions({
  write: (text) => {
    output += text
    mappings = readFileSync('/proc/self/maps', 'utf8').split('\n')
  },
  flush: () => {},
})
options.logLevel = 'info'
options.errors = {
  write: (text) => {
    log += text
  },
}
await runSource({ text: PROGRAM, file: 'program.rush', mode: 'jit', options })
const compiled = Number(/Compilations succeeded: (\d+)/.exec(log)?.[1])
process.stdout.write(JSON.stringify({ output, mappings, compiled }))
