/** All programs with functions compiled after a few calls, so that what was observed is made use of. */
import { testModes } from '../support/test-modes.js'

await testModes(() => ['jitSoon', 'jitDeopt'])
