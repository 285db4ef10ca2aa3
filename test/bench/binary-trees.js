// Allocation: builds and walks binary trees of depth 9.
const ROUNDS = 30000
const DEPTH = 9

class Tree {
  constructor(left, right) {
    this.left = left
    this.right = right
  }
  count() {
    if (this.left === null) return 1
    return 1 + this.left.count() + this.right.count()
  }
}

function grow(depth) {
  if (depth === 0) return new Tree(null, null)
  return new Tree(grow(depth - 1), grow(depth - 1))
}

const longLived = grow(DEPTH)
let checksum = 0
for (let round = 0; round < ROUNDS; round = round + 1) checksum = checksum + grow(DEPTH - (round % 3)).count()
console.log(checksum + longLived.count())
