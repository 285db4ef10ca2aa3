// Loops outside any function: the steps of the Collatz sequences of 1 to 1000.
const ROUNDS = 1800

let checksum = 0
for (let round = 0; round < ROUNDS; round = round + 1) {
  let most = 0
  for (let start = 1; start <= 1000; start = start + 1) {
    let n = start + round
    let steps = 0
    while (n !== 1) {
      if (n % 2 === 0) n = Math.floor(n / 2)
      else n = 3 * n + 1
      steps = steps + 1
    }
    if (steps > most) most = steps
    checksum = checksum + steps
  }
  checksum = (checksum + most) % 1000003
}
console.log(checksum)
