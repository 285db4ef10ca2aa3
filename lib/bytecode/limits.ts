/** Limits of bytecode, kept by the compiler and checked by the verifier. */

/** Slots of one frame, locals and operand stack. */
export const MAX_FRAME_SLOTS = 2000
/** Arguments of one call, without `self`. */
export const MAX_ARGUMENTS = 255
