// Floats and calls: the spectral norm of an infinite matrix, cut to 60 x 60.
const ROUNDS = 800
const SIZE = 60

function element(i, j) {
  return 1.0 / (((i + j) * (i + j + 1)) / 2 + i + 1)
}

function vector(value) {
  const v = []
  for (let i = 0; i < SIZE; i = i + 1) v.push(value)
  return v
}

function multiply(v, into) {
  for (let i = 0; i < SIZE; i = i + 1) {
    let sum = 0.0
    for (let j = 0; j < SIZE; j = j + 1) sum = sum + element(i, j) * v[j]
    into[i] = sum
  }
}

function multiplyTransposed(v, into) {
  for (let i = 0; i < SIZE; i = i + 1) {
    let sum = 0.0
    for (let j = 0; j < SIZE; j = j + 1) sum = sum + element(j, i) * v[j]
    into[i] = sum
  }
}

function norm() {
  const u = vector(1.0)
  const v = vector(0.0)
  const w = vector(0.0)
  for (let step = 0; step < 10; step = step + 1) {
    multiply(u, w)
    multiplyTransposed(w, v)
    multiply(v, w)
    multiplyTransposed(w, u)
  }
  let uv = 0.0
  let vv = 0.0
  for (let i = 0; i < SIZE; i = i + 1) {
    uv = uv + u[i] * v[i]
    vv = vv + v[i] * v[i]
  }
  return Math.sqrt(uv / vv)
}

let checksum = 0
for (let round = 0; round < ROUNDS; round = round + 1) {
  checksum = (checksum + Math.floor(norm() * 1000000000.0) + round) % 1000003
}
console.log(checksum)
