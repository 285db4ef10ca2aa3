-- String building: texts made piece by piece, then taken apart again.
local ROUNDS = 8000
local PIECES = 100
local LETTERS = "abcdefghijklmnopqrstuvwxyz"
local sub, byte, char = string.sub, string.byte, string.char

local function build(seed)
  local text = ""
  for i = 0, PIECES - 1 do
    seed = (seed * 16807) % 2147483647
    local letter = seed % 26 + 1
    text = text .. sub(LETTERS, letter, letter) .. i .. "-"
  end
  return text
end

-- The text without dashes, letters moved on by one.
local function rewrite(text)
  local result = ""
  for i = 1, #text do
    local c = sub(text, i, i)
    if c ~= "-" then
      if c >= "a" and c < "z" then result = result .. char(byte(c) + 1) else result = result .. c end
    end
  end
  return result
end

local function digest(text)
  local sum = 0
  for i = 1, #text do sum = (sum * 3 + byte(sub(text, i, i))) % 1000003 end
  if sub(text, 1, 3) < sub(text, 4, 6) then sum = sum + 1 end
  return sum
end

local checksum = 0
for round = 0, ROUNDS - 1 do
  checksum = (checksum + digest(rewrite(build(round + 1)))) % 1000003
end
print(checksum)
