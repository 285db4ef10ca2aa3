// Recursion with three arguments: Takeuchi's function, tak(18, 12, 6).
const ROUNDS = 1300

function tak(x, y, z) {
  if (y >= x) return z
  return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y))
}

let checksum = 0
for (let round = 0; round < ROUNDS; round = round + 1) checksum = checksum + tak(18, 12, 6) + (round % 3)
console.log(checksum)
