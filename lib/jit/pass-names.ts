/** Names of what can be left out between bytecode and the allocation of registers, for flags. */

/** Done while the graph is built: `build/inline.ts`, `partial-inlining.ts`, `peel.ts`, `variables.ts`. */
const BUILDER_PASSES = ['inline-calls', 'inline-quick-ways', 'peel-loops', 'sink-stores'] as const
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
  'append-in-place',
  'lighten-polls',
  'split-live-ranges',
  'lay-out-blocks',
] as const
export type GraphPass = (typeof GRAPH_PASSES)[number]

export const PASS_NAMES = [...BUILDER_PASSES, ...GRAPH_PASSES] as const
export type PassName = BuilderPass | GraphPass

/** Where IR can be looked at: as it was built, and after each pass. */
export type IrStage = 'build' | GraphPass
