// Nested arrays: products of 24 x 24 matrices of floats.
const ROUNDS = 7000
const SIZE = 24

function make(a, b) {
  const rows = []
  for (let y = 0; y < SIZE; y = y + 1) {
    const row = []
    for (let x = 0; x < SIZE; x = x + 1) row.push(((a * y + b * x) % 7) * 0.5)
    rows.push(row)
  }
  return rows
}

// One element of the product.
function cell(row, m, x) {
  let sum = 0.0
  for (let k = 0; k < SIZE; k = k + 1) sum = sum + row[k] * m[k][x]
  return sum
}

function multiply(a, b, into) {
  for (let y = 0; y < SIZE; y = y + 1) {
    const row = a[y]
    const out = into[y]
    for (let x = 0; x < SIZE; x = x + 1) out[x] = cell(row, b, x)
  }
}

function trace(m) {
  let sum = 0.0
  for (let i = 0; i < SIZE; i = i + 1) sum = sum + m[i][i]
  return sum
}

const product = make(0, 0)
let checksum = 0
for (let round = 0; round < ROUNDS; round = round + 1) {
  multiply(make(round, 3), make(2, round + 1), product)
  checksum = checksum + Math.floor(trace(product))
}
console.log(checksum)
