// Backtracking: the ways to place 8 queens.
const ROUNDS = 3600
const SIZE = 8

function flags(n) {
  const a = []
  for (let i = 0; i < n; i = i + 1) a.push(false)
  return a
}

function place(row, columns, rising, falling) {
  if (row === SIZE) return 1
  let count = 0
  for (let x = 0; x < SIZE; x = x + 1) {
    const up = row + x
    const down = row - x + SIZE - 1
    if (!(columns[x] || rising[up] || falling[down])) {
      columns[x] = true
      rising[up] = true
      falling[down] = true
      count = count + place(row + 1, columns, rising, falling)
      columns[x] = false
      rising[up] = false
      falling[down] = false
    }
  }
  return count
}

let checksum = 0
for (let round = 0; round < ROUNDS; round = round + 1) {
  checksum = checksum + place(0, flags(SIZE), flags(2 * SIZE - 1), flags(2 * SIZE - 1)) + (round % 7)
}
console.log(checksum)
