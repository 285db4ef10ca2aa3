// Swaps in one array: sorts 1000 pseudo-random integers.
const ROUNDS = 2000
const SIZE = 1000

function fill(a, seed) {
  for (let i = 0; i < SIZE; i = i + 1) {
    seed = (seed * 16807) % 2147483647
    a[i] = seed % 100000
  }
}

function sort(a, low, high) {
  const pivot = a[Math.floor((low + high) / 2)]
  let i = low
  let j = high
  while (i <= j) {
    while (a[i] < pivot) i = i + 1
    while (a[j] > pivot) j = j - 1
    if (i <= j) {
      const kept = a[i]
      a[i] = a[j]
      a[j] = kept
      i = i + 1
      j = j - 1
    }
  }
  if (low < j) sort(a, low, j)
  if (i < high) sort(a, i, high)
}

function digest(a) {
  let sum = 0
  for (let i = 0; i < SIZE; i = i + 1) sum = (sum * 3 + a[i]) % 1000003
  return sum
}

const numbers = []
for (let k = 0; k < SIZE; k = k + 1) numbers.push(0)
let checksum = 0
for (let round = 0; round < ROUNDS; round = round + 1) {
  fill(numbers, round + 1)
  sort(numbers, 0, SIZE - 1)
  checksum = (checksum + digest(numbers)) % 1000003
}
console.log(checksum)
