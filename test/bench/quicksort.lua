-- Swaps in one array: sorts 1000 pseudo-random integers.
local ROUNDS = 2000
local SIZE = 1000
local floor = math.floor

local function fill(a, seed)
  for i = 1, SIZE do
    seed = (seed * 16807) % 2147483647
    a[i] = seed % 100000
  end
end

local function sort(a, low, high)
  -- The middle element when counted from 0, as in the other languages.
  local pivot = a[floor((low + high - 2) / 2) + 1]
  local i = low
  local j = high
  while i <= j do
    while a[i] < pivot do i = i + 1 end
    while a[j] > pivot do j = j - 1 end
    if i <= j then
      local kept = a[i]
      a[i] = a[j]
      a[j] = kept
      i = i + 1
      j = j - 1
    end
  end
  if low < j then sort(a, low, j) end
  if i < high then sort(a, i, high) end
end

local function digest(a)
  local sum = 0
  for i = 1, SIZE do sum = (sum * 3 + a[i]) % 1000003 end
  return sum
end

local numbers = {}
for k = 1, SIZE do numbers[k] = 0 end
local checksum = 0
for round = 0, ROUNDS - 1 do
  fill(numbers, round + 1)
  sort(numbers, 1, SIZE)
  checksum = (checksum + digest(numbers)) % 1000003
end
print(checksum)
