// Deep recursion with two arguments: ackermann(3, 5).
const ROUNDS = 1400

function ackermann(m, n) {
  if (m === 0) return n + 1
  if (n === 0) return ackermann(m - 1, 1)
  return ackermann(m - 1, ackermann(m, n - 1))
}

let checksum = 0
for (let round = 0; round < ROUNDS; round = round + 1) checksum = (checksum + ackermann(3, 5) + round) % 1000003
console.log(checksum)
