/** Some rounds of `make fuzz-asm`, and that it would notice. */
import t from 'tap'
import { FULL } from '../support/full.js'
import { A64_FUZZ } from './fuzz/a64.js'
import { asmRound, noAsmTotals } from './fuzz/check.js'
import type { FuzzTarget } from './fuzz/target.js'
import { X64_FUZZ } from './fuzz/x64.js'

t.setTimeout(0)

const PER_FORM = FULL ? 200 : 15
const TARGETS: readonly [string, FuzzTarget][] = [
  ['arm64', A64_FUZZ],
  ['x64', X64_FUZZ],
]

for (const [name, target] of TARGETS) {
  t.test(`${name}: encoder, decoder and GNU as agree; what is no operand is refused`, async (t) => {
    const totals = noAsmTotals()
    t.same(asmRound(target, 1, PER_FORM, totals), [])
    const { encoded, refused, taken, decoded, noise } = totals
    t.ok(encoded > PER_FORM * target.forms.length, `${encoded} instructions`)
    t.ok(refused > taken && taken > 0, `${refused} refused, ${taken} taken`)
    t.ok(decoded > noise / 10 && decoded < noise, `${decoded} of ${noise} byte strings decoded`)
  })

  t.test(`${name}: mistakes are noticed`, async (t) => {
    const totals = noAsmTotals()
    const wrongBytes: FuzzTarget = {
      ...target,
      instruction: (form, random) =>
        target.instruction(form, random).map(({ text, bytes }) => ({ text, bytes: bytes.with(-1, 0x66) })),
    }
    if (target.gnu.skip === false) t.not(asmRound(wrongBytes, 1, 1, totals).length, 0, 'wrong bytes')
    const crashing: FuzzTarget = {
      ...target,
      refuses: () => {
        throw new RangeError('not an error of the assembler')
      },
    }
    t.match(asmRound(crashing, 1, 1, totals), [/not an error/], 'another error')
  })
}
