/** Every operation of the machines, executed: natively, and for ARM64 under emulation. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { A64Machine } from '../../lib/jit/machine/a64-machine.js'
import { X64Machine } from '../../lib/jit/machine/x64-machine.js'
import { hostTarget } from '../../lib/jit/target.js'
import { findArm64 } from '../support/arm64.js'
import { FULL } from '../support/full.js'
import type { Report } from './machine/main.js'

const MAIN = fileURLToPath(new URL('./machine/main.js', import.meta.url))

/** Emulated code is slow to make, not to run: one trial in so many. */
const EMULATED_SHARE = FULL ? 20 : 40

/** The operations of the interface: what both machines have. */
function operations(): string[] {
  const [a64, x64] = [A64Machine, X64Machine].map(({ prototype }) => Object.getOwnPropertyNames(prototype))
  return (a64 as string[]).filter((name) => x64?.includes(name) && name !== 'constructor')
}

function tryMachine(t: Test, command: readonly string[], target: string, share: number, least: number): void {
  const [program = '', ...words] = [...command, MAIN, String(share)]
  const { stdout, stderr, signal, status } = spawnSync(program, words, {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  t.same([status, signal, stderr], [0, null, ''])
  const report = JSON.parse(stdout || '{}') as Partial<Report>
  t.equal(report.target, target)
  t.same(report.failures, [])
  t.ok((report.trials ?? 0) >= least, `${report.trials} trials`)
  t.ok((report.scenes ?? 0) > 5, `${report.scenes} scenes`)
  t.same(
    operations().filter((name) => !report.operations?.includes(name)),
    [],
    'every operation has been tried',
  )
}

t.setTimeout(0)

const host = hostTarget()
const skip = host === null ? `no native code for ${process.arch}` : false

t.test('on this machine', { skip }, async (t) => {
  tryMachine(t, [process.execPath], host?.name ?? '', 1, 30_000)
})

const { command, reason } = findArm64()
const emulated = command === null ? reason : process.arch === 'arm64' ? 'tried on this machine' : false

t.test('on ARM64, emulated', { skip: emulated }, async (t) => {
  tryMachine(t, command ?? [], 'arm64', EMULATED_SHARE, 1000)
})
