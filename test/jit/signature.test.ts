/** What calls pass in registers, and how that is written down. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { Tag } from '../../lib/heap/layout.js'
import { hostTargetName } from '../../lib/jit/host.js'
import {
  callOf,
  MOST_ARGUMENTS,
  packCall,
  packSignature,
  passedIn,
  registersOf,
} from '../../lib/jit/ir/signature.js'
import { runTool } from '../tools/run-tool.js'

t.test('a signature is a word of 31 bits, there and back', async (t) => {
  t.equal(packSignature([]), 0)
  t.same(passedIn(0), [])
  for (let slot = 0; slot < MOST_ARGUMENTS; slot++) {
    for (let tag = Tag.NULL as number; tag <= Tag.JSON; tag++) {
      const passed = [{ slot, tag }]
      const signature = packSignature(passed)
      t.ok(signature > 0 && signature < 2 ** 31)
      t.same(passedIn(signature), passed)
    }
  }
  const all = Array.from({ length: MOST_ARGUMENTS }, (_, slot) => ({ slot, tag: Tag.JSON as number }))
  t.same(passedIn(packSignature(all)), all)
})

t.test('a call has both its distance and its signature', async (t) => {
  const signature = packSignature([{ slot: 5, tag: Tag.JSON }])
  for (const distance of [16, 2 ** 31]) t.same(callOf(packCall(distance, signature)), { distance, signature })
})

t.test('parameters take registers of their class in the order of their slots', async (t) => {
  const tags = [Tag.INTEGER, Tag.FLOAT, Tag.ARRAY, Tag.FLOAT]
  const passed = tags.map((tag, slot) => ({ slot: slot + 1, tag }))
  t.same(registersOf(passed, { i: [7, 8, 9], f: [0, 1, 2] }), [7, 0, 8, 1])
})

t.test(
  'known functions are passed their arguments in registers',
  { skip: hostTargetName() === null },
  (t) => {
    const cwd = mkdtempSync(join(tmpdir(), 'rush-test-'))
    t.teardown(() => rmSync(cwd, { recursive: true, force: true }))
    writeFileSync(
      join(cwd, 'calls.rush'),
      `callee = fn(n, x, unknown) {
      for (i = 0; i < 3; i = i + 1) { x = x + i }
      return n
    }
    caller = fn(n) { return callee(n, 0.5, if (n % 2 == 0) { 1 } else { "one" }) }
    sum = 0
    for (k = 0; k < 300; k = k + 1) { sum = sum + caller(k) }
    print(sum)`,
    )
    const words = ['-jit', '-dump', 'ir', '-dump-function', 'caller', 'calls.rush']
    const { stdout, stderr } = runTool('rush-run', words, '', { cwd })
    t.equal(stdout, '44850\n')
    // The second is assigned, and the third has no one type.
    t.match(stderr, / = call v\d+ v\d+ \[\d+\] with 0:integer\n/)
    t.end()
  },
)
