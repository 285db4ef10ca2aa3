/** Whether to run what `make test` leaves out to be done in five minutes: `make test FLAGS=--full`, as in CI. */
export const FULL = process.env.RUSH_TESTS === 'full'
