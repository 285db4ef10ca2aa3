/** That native code does run in the modes of the JIT: they would also pass if nothing were ever compiled. */
import { spawnSync } from 'node:child_process'
import t from 'tap'
import { hostTarget } from '../../lib/jit/target.js'
import { findArm64 } from '../support/arm64.js'
import { toolPath } from '../tools/run-tool.js'

/** What `-log-level=info` counts, for examples/fibonacci.rush, with Node behind this command. */
function counts(
  node: readonly string[],
  ...flags: string[]
): { compilations: number; hits: number; deoptimizations: number } {
  const words = [toolPath('rush-run'), '-jit', '-log-level=info', ...flags, 'examples/fibonacci.rush']
  const [program, ...parameters] = [...node, ...words] as [string, ...string[]]
  const { stderr } = spawnSync(program, parameters, { encoding: 'utf8' })
  const count = (what: string): number => Number(new RegExp(`JIT ${what}: (\\d+)$`, 'm').exec(stderr)?.[1])
  return {
    compilations: count('compilations'),
    hits: count('hits'),
    deoptimizations: count('deoptimizations'),
  }
}

const { command, reason } = findArm64()
const emulated = command ?? []
/** Emulated only where there is no other way. */
const native = hostTarget() === null ? emulated : [process.execPath]
const skip = native.length === 0 ? reason : false
t.setTimeout(0)

t.test('hot functions are compiled and run natively; deopt stress makes guards fail', { skip }, async (t) => {
  const plain = counts(native)
  t.ok(plain.compilations >= 1, `${plain.compilations} compilations`)
  t.ok(plain.hits > 1000, `${plain.hits} native calls`)
  t.ok(plain.deoptimizations < 100, `${plain.deoptimizations} deoptimizations`)
  t.ok(counts(native, '-deopt-stress').deoptimizations > plain.deoptimizations)
})

t.test('without executable memory nothing is compiled', { skip }, async (t) => {
  t.equal(counts(native, '-no-exec-memory').compilations, 0)
})

t.test('ARM64 code runs', { skip: command === null ? reason : false }, async (t) => {
  const { compilations, hits } = counts(emulated)
  t.ok(compilations >= 1 && hits > 1000, `${compilations} compilations, ${hits} native calls`)
})
