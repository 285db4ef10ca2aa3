-- Hashes with string keys: counts the words of a text.
local ROUNDS = 7000
local WORDS = 300
local sub = string.sub

local function make_text(seed)
  local syllables = { "ba", "ne", "ti", "so", "lu", "ra" }
  local text = ""
  for i = 1, WORDS do
    seed = (seed * 16807) % 2147483647
    text = text .. syllables[seed % 6 + 1] .. syllables[seed % 5 + 1] .. syllables[seed % 4 + 1] .. " "
  end
  return text
end

-- The words in the order in which they came first; their counts go into the table.
local function count_words(text, counts)
  local words = {}
  local start = 1
  for i = 1, #text do
    if sub(text, i, i) == " " then
      local word = sub(text, start, i - 1)
      local known = counts[word]
      if known == nil then
        counts[word] = 1
        words[#words + 1] = word
      else
        counts[word] = known + 1
      end
      start = i + 1
    end
  end
  return words
end

local function digest(words, counts)
  local sum = 0
  for i = 1, #words do sum = (sum * 7 + counts[words[i]]) % 1000003 end
  return sum
end

local text = make_text(42)
local checksum = 0
for round = 0, ROUNDS - 1 do
  local counts = {}
  local words = count_words(text, counts)
  checksum = (checksum + digest(words, counts) + round) % 1000003
end
print(checksum)
