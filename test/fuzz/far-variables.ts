/** So many file-level variables that none of the program's lies near the context block. */
import { NEAR_GLOBALS } from '../../lib/heap/layout.js'

export const FAR_VARIABLES = Array.from({ length: NEAR_GLOBALS }, (_, i) => `far${i} = 0`).join('; ')
