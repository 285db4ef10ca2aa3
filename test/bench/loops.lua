-- Integer loops: three kernels of a few hundred passes each, called 30 times in each round.
local ROUNDS = 2000

-- One multiplication and one remainder per pass.
local function scramble(seed, n)
  for i = 0, n - 1 do seed = (seed * 31 + i) % 65521 end
  return seed
end

-- Branches that are hard to predict.
local function branches(seed, n)
  local count = 0
  local i = 0
  while i < n do
    if i % 3 == 0 then count = count + 2
    elseif (i + seed) % 5 == 0 then count = count - 1 end
    i = i + 1
  end
  return count
end

-- A loop in a loop: greatest common divisors.
local function divisors(a, n)
  local sum = 0
  for i = 1, n do
    local x = a
    local y = i
    while y ~= 0 do
      local r = x % y
      x = y
      y = r
    end
    sum = sum + x
  end
  return sum
end

local function run(start)
  local total = 0
  for k = start, start + 29 do
    total = total + scramble(k, 400) + branches(k, 400) + divisors(k + 100, 100)
  end
  return total
end

local checksum = 0
for round = 0, ROUNDS - 1 do checksum = checksum + run(round) end
print(checksum)
