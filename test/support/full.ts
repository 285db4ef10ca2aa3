/** Whether to run what `make test` leaves out to be done in five minutes: `make test FLAGS=--full`. */
export const FULL = process.env.RUSH_TESTS === 'full'

/** The number of what is run if only every `share`th is: null for the others, but with FULL for none. */
export function turnOf(index: number, share: number): number | null {
  if (FULL) return index
  return index % share === 0 ? index / share : null
}
