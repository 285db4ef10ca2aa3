/** The passes between building IR and allocating registers, by name; `compile.ts` says what they are. */

export const PASS_NAMES = [
  'remove-redundant-parameters',
  'number-values',
  'hoist-invariants',
  'unshare-arrays',
  'hoist-checks',
  'load-floats',
  'step-pointers',
  'remove-dead-code',
  'lighten-polls',
  'lay-out-blocks',
] as const
export type PassName = (typeof PASS_NAMES)[number]

/** Where IR can be looked at: as it was built, and after each pass. */
export type IrStage = 'build' | PassName
