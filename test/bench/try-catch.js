// Exceptions: a loop with a try block in it, which fails every 16th time.
const ROUNDS = 500
const SIZE = 1000

class ValidationError extends Error {}

let tries = 0

function check(n) {
  if (n % 16 === 0) throw new ValidationError('bad value ' + (n % 7))
  if (n % 257 === 1) throw new TypeError('worse')
  return n % 5
}

function attempt(n) {
  try {
    return check(n)
  } catch (e) {
    if (!(e instanceof ValidationError)) throw e
    return e.message.length
  } finally {
    tries = tries + 1
  }
}

function run(start) {
  let sum = 0
  for (let i = 0; i < SIZE; i = i + 1) {
    try {
      sum = sum + attempt(start + i)
    } catch (e) {
      sum = sum + 100
    }
  }
  return sum
}

let checksum = 0
for (let round = 0; round < ROUNDS; round = round + 1) checksum = (checksum + run(round)) % 1000003
console.log(checksum + tries)
