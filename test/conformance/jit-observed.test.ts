/**
 * All programs with functions compiled after a few calls, so that what was observed is made use of. Those
 * not made for the JIT are run once, under both kinds of stress: each run costs a tenth of a second.
 */
import { FULL } from '../support/full.js'
import { isHot, testModes } from '../support/test-modes.js'

await testModes((program, index) => {
  if (!isHot(program)) return ['jitGcDeopt']
  return FULL ? ['jitSoon', 'jitDeopt'] : [index % 2 === 0 ? 'jitSoon' : 'jitDeopt']
})
