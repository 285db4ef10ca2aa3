// Arrays: the sieve of Eratosthenes below 1000 on one array of booleans.
const ROUNDS = 50000
const LIMIT = 1000

function clear(flags) {
  for (let i = 0; i < LIMIT; i = i + 1) flags[i] = true
}

function crossOut(flags, prime) {
  for (let i = prime * prime; i < LIMIT; i = i + prime) flags[i] = false
}

function sumOfPrimes(flags) {
  let sum = 0
  for (let i = 2; i < LIMIT; i = i + 1) {
    if (flags[i]) sum = sum + i
  }
  return sum
}

function sieve(flags) {
  clear(flags)
  for (let n = 2; n * n < LIMIT; n = n + 1) {
    if (flags[n]) crossOut(flags, n)
  }
  return sumOfPrimes(flags)
}

const flags = []
for (let k = 0; k < LIMIT; k = k + 1) flags.push(false)
let checksum = 0
for (let round = 0; round < ROUNDS; round = round + 1) checksum = checksum + sieve(flags) + round
console.log(checksum)
