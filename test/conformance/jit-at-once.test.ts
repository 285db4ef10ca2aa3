/** All programs with everything compiled at the first call: without feedback, in the general way. */
import { testModes } from '../support/test-modes.js'

await testModes(() => ['jitAtOnce'])
