/** Names of what can be left out between bytecode and the allocation of registers, for flags. */

/** Done while the graph is built; `build/builder.ts` says what they are. */
const BUILDER_PASSES = ['peel-loops', 'sink-stores'] as const
export type BuilderPass = (typeof BUILDER_PASSES)[number]

/** Graph -> graph; `compile.ts` says what they are. */
export const GRAPH_PASSES = [
  'remove-redundant-parameters',
  'number-values',
  'hoist-invariants',
  'unshare-arrays',
  'hoist-checks',
  'load-floats',
  'step-pointers',
  'remove-dead-code',
  'lighten-polls',
  'split-live-ranges',
  'lay-out-blocks',
] as const
export type GraphPass = (typeof GRAPH_PASSES)[number]

export const PASS_NAMES = [...BUILDER_PASSES, ...GRAPH_PASSES] as const
export type PassName = BuilderPass | GraphPass

/** Where IR can be looked at: as it was built, and after each pass. */
export type IrStage = 'build' | GraphPass
