// Calls: the recursive Fibonacci function, 57 313 calls in each round.
const ROUNDS = 1200

function fib(n) {
  if (n < 2) return n
  return fib(n - 1) + fib(n - 2)
}

let checksum = 0
for (let round = 0; round < ROUNDS; round = round + 1) checksum = checksum + fib(22) + round
console.log(checksum)
