// Permutations in small arrays: the most flips of pancakes, over all orders of 7.
const ROUNDS = 900
const SIZE = 7

function flipsOf(pancakes) {
  let flips = 0
  let top = pancakes[0]
  while (top !== 0) {
    let low = 0
    let high = top
    while (low < high) {
      const kept = pancakes[low]
      pancakes[low] = pancakes[high]
      pancakes[high] = kept
      low = low + 1
      high = high - 1
    }
    flips = flips + 1
    top = pancakes[0]
  }
  return flips
}

function fannkuch(order, pancakes, count) {
  for (let i = 0; i < SIZE; i = i + 1) order[i] = i
  let most = 0
  let sum = 0
  let sign = 1
  let r = SIZE
  while (true) {
    while (r !== 1) {
      count[r - 1] = r
      r = r - 1
    }
    for (let i = 0; i < SIZE; i = i + 1) pancakes[i] = order[i]
    const flips = flipsOf(pancakes)
    if (flips > most) most = flips
    sum = sum + sign * flips
    sign = -sign
    // The next permutation.
    while (true) {
      if (r === SIZE) return sum * 100 + most
      const first = order[0]
      for (let i = 0; i < r; i = i + 1) order[i] = order[i + 1]
      order[r] = first
      count[r] = count[r] - 1
      if (count[r] > 0) break
      r = r + 1
    }
  }
}

function zeros() {
  const a = []
  for (let i = 0; i < SIZE; i = i + 1) a.push(0)
  return a
}

let checksum = 0
for (let round = 0; round < ROUNDS; round = round + 1) {
  checksum = (checksum + fannkuch(zeros(), zeros(), zeros()) + round) % 1000003
}
console.log(checksum)
