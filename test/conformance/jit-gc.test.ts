/** Native code with a collection at every safepoint. */
import { testModes } from '../support/test-modes.js'

/** They make so much garbage that collecting at every safepoint takes long under emulation. */
const SLOW: ReadonlySet<string> = new Set(['test/programs/garbage.rush'])

await testModes(({ path }) => (SLOW.has(path) ? [] : ['jitGc']))
