/**
 * The signal handler of runs with native code. Native code may run for long without a look at anything, and what was
 * printed before is held back in memory: so the handler, `void f(int signal)`, writes that (`HeldOutput` says where it
 * is), takes itself out of the way, and has the signal end the process as it would have without. It calls nothing
 * but poll, write, signal and raise, which may be called there, and runs on whatever stack is in use.
 *
 * In the midst of a write of the run itself it cannot know what is written already: then it leaves a note, and the run
 * raises the signal again behind the write; unless that is stuck because nobody reads.
 */

/** Bytes that are written at a time: a pipe that is ready takes so many at once. */
export const HANDLER_PIECE = 4096
/** Milliseconds that the handler waits for whoever reads the output, before each piece. */
export const HANDLER_PATIENCE = 30
