// Hashes with string keys: counts the words of a text.
const ROUNDS = 7000
const WORDS = 300

function makeText(seed) {
  const syllables = ['ba', 'ne', 'ti', 'so', 'lu', 'ra']
  let text = ''
  for (let i = 0; i < WORDS; i = i + 1) {
    seed = (seed * 16807) % 2147483647
    text = text + syllables[seed % 6] + syllables[seed % 5] + syllables[seed % 4] + ' '
  }
  return text
}

// The words in the order in which they came first; their counts go into the map.
function countWords(text, counts) {
  const words = []
  let start = 0
  for (let i = 0; i < text.length; i = i + 1) {
    if (text[i] === ' ') {
      const word = text.slice(start, i)
      const known = counts.get(word)
      if (known === undefined) {
        counts.set(word, 1)
        words.push(word)
      } else {
        counts.set(word, known + 1)
      }
      start = i + 1
    }
  }
  return words
}

function digest(words, counts) {
  let sum = 0
  for (let i = 0; i < words.length; i = i + 1) sum = (sum * 7 + counts.get(words[i])) % 1000003
  return sum
}

const text = makeText(42)
let checksum = 0
for (let round = 0; round < ROUNDS; round = round + 1) {
  const counts = new Map()
  const words = countWords(text, counts)
  checksum = (checksum + digest(words, counts) + round) % 1000003
}
console.log(checksum)
