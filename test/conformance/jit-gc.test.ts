/** Native code with a collection at every safepoint. */
import { testModes } from '../support/test-modes.js'

/** They pass so many safepoints that collecting at each takes long under emulation; the VM runs them so. */
const SLOW: ReadonlySet<string> = new Set(['test/programs/garbage.rush'])

await testModes(({ path }) => (SLOW.has(path) ? [] : ['jitGc']))
