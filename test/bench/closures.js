// Functions as values: counters with captured variables, composed functions, maps and folds.
const ROUNDS = 100000
const SIZE = 50

function makeCounter(step) {
  let count = 0
  return () => {
    count = count + step
    return count
  }
}

const compose = (f, g) => (x) => f(g(x))
const adder = (n) => (x) => x + n
const multiplier = (n) => (x) => (x * n) % 10007

function eachInto(source, f, target) {
  for (let i = 0; i < SIZE; i = i + 1) target[i] = f(source[i])
}

function fold(a, f, start) {
  let result = start
  for (let i = 0; i < SIZE; i = i + 1) result = f(result, a[i])
  return result
}

function run(seed, source, target) {
  const counter = makeCounter((seed % 5) + 1)
  for (let i = 0; i < SIZE; i = i + 1) source[i] = counter()
  eachInto(source, compose(adder(seed), compose(multiplier(31), adder(7))), target)
  const weight = (seed % 3) + 1
  return fold(target, (sum, x) => (sum * weight + x) % 1000003, counter())
}

const numbers = []
for (let k = 0; k < SIZE; k = k + 1) numbers.push(0)
const results = numbers.slice(0, SIZE)
let checksum = 0
for (let round = 0; round < ROUNDS; round = round + 1) checksum = (checksum + run(round, numbers, results)) % 1000003
console.log(checksum)
