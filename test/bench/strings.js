// String building: texts made piece by piece, then taken apart again.
const ROUNDS = 8000
const PIECES = 100
const LETTERS = 'abcdefghijklmnopqrstuvwxyz'

function build(seed) {
  let text = ''
  for (let i = 0; i < PIECES; i = i + 1) {
    seed = (seed * 16807) % 2147483647
    text = text + LETTERS[seed % 26] + i + '-'
  }
  return text
}

// The text without dashes, letters moved on by one.
function rewrite(text) {
  let result = ''
  for (let i = 0; i < text.length; i = i + 1) {
    const c = text[i]
    if (c !== '-') {
      if (c >= 'a' && c < 'z') result = result + String.fromCharCode(c.charCodeAt(0) + 1)
      else result = result + c
    }
  }
  return result
}

function digest(text) {
  let sum = 0
  for (let i = 0; i < text.length; i = i + 1) sum = (sum * 3 + text[i].charCodeAt(0)) % 1000003
  if (text.slice(0, 3) < text.slice(3, 6)) sum = sum + 1
  return sum
}

let checksum = 0
for (let round = 0; round < ROUNDS; round = round + 1) {
  checksum = (checksum + digest(rewrite(build(round + 1)))) % 1000003
}
console.log(checksum)
