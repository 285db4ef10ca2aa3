// Floats: escape times of 32 x 24 points of the Mandelbrot set, at most 150 steps each.
const ROUNDS = 2700

function escapeTime(cr, ci) {
  let zr = 0.0
  let zi = 0.0
  for (let steps = 0; steps < 150; steps = steps + 1) {
    const rr = zr * zr
    const ii = zi * zi
    if (rr + ii > 4.0) return steps
    zi = 2.0 * zr * zi + ci
    zr = rr - ii + cr
  }
  return 150
}

function picture(shift) {
  let sum = 0
  for (let y = 0; y < 24; y = y + 1) {
    const ci = y * 0.1 - 1.2
    for (let x = 0; x < 32; x = x + 1) sum = sum + escapeTime(x * 0.09375 - 2.25 + shift, ci)
  }
  return sum
}

let checksum = 0
for (let round = 0; round < ROUNDS; round = round + 1) checksum = checksum + picture((round % 8) * 0.0078125)
console.log(checksum)
