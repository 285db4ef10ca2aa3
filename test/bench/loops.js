// Integer loops: three kernels of a few hundred passes each, called 30 times in each round.
const ROUNDS = 2000

// One multiplication and one remainder per pass.
function scramble(seed, n) {
  for (let i = 0; i < n; i = i + 1) seed = (seed * 31 + i) % 65521
  return seed
}

// Branches that are hard to predict.
function branches(seed, n) {
  let count = 0
  let i = 0
  while (i < n) {
    if (i % 3 === 0) count = count + 2
    else if ((i + seed) % 5 === 0) count = count - 1
    i = i + 1
  }
  return count
}

// A loop in a loop: greatest common divisors.
function divisors(a, n) {
  let sum = 0
  for (let i = 1; i <= n; i = i + 1) {
    let x = a
    let y = i
    while (y !== 0) {
      const r = x % y
      x = y
      y = r
    }
    sum = sum + x
  }
  return sum
}

function run(start) {
  let total = 0
  for (let k = start; k < start + 30; k = k + 1) {
    total = total + scramble(k, 400) + branches(k, 400) + divisors(k + 100, 100)
  }
  return total
}

let checksum = 0
for (let round = 0; round < ROUNDS; round = round + 1) checksum = checksum + run(round)
console.log(checksum)
