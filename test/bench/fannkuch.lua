-- Permutations in small arrays: the most flips of pancakes, over all orders of 7.
local ROUNDS = 900
local SIZE = 7

local function flips_of(pancakes)
  local flips = 0
  local top = pancakes[1]
  while top ~= 1 do
    local low = 1
    local high = top
    while low < high do
      local kept = pancakes[low]
      pancakes[low] = pancakes[high]
      pancakes[high] = kept
      low = low + 1
      high = high - 1
    end
    flips = flips + 1
    top = pancakes[1]
  end
  return flips
end

local function fannkuch(order, pancakes, count)
  for i = 1, SIZE do order[i] = i end
  local most = 0
  local sum = 0
  local sign = 1
  local r = SIZE
  while true do
    while r ~= 1 do
      count[r] = r
      r = r - 1
    end
    for i = 1, SIZE do pancakes[i] = order[i] end
    local flips = flips_of(pancakes)
    if flips > most then most = flips end
    sum = sum + sign * flips
    sign = -sign
    -- The next permutation.
    while true do
      if r == SIZE then return sum * 100 + most end
      local first = order[1]
      for i = 1, r do order[i] = order[i + 1] end
      order[r + 1] = first
      count[r + 1] = count[r + 1] - 1
      if count[r + 1] > 0 then break end
      r = r + 1
    end
  end
end

local function zeros()
  local a = {}
  for i = 1, SIZE do a[i] = 0 end
  return a
end

local checksum = 0
for round = 0, ROUNDS - 1 do
  checksum = (checksum + fannkuch(zeros(), zeros(), zeros()) + round) % 1000003
end
print(checksum)
