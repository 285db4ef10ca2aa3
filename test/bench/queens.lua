-- Backtracking: the ways to place 8 queens.
local ROUNDS = 3600
local SIZE = 8

local function flags(n)
  local a = {}
  for i = 1, n do a[i] = false end
  return a
end

local function place(row, columns, rising, falling)
  if row == SIZE then return 1 end
  local count = 0
  for x = 1, SIZE do
    local up = row + x
    local down = row - x + SIZE + 1
    if not (columns[x] or rising[up] or falling[down]) then
      columns[x] = true
      rising[up] = true
      falling[down] = true
      count = count + place(row + 1, columns, rising, falling)
      columns[x] = false
      rising[up] = false
      falling[down] = false
    end
  end
  return count
end

local checksum = 0
for round = 0, ROUNDS - 1 do
  checksum = checksum + place(0, flags(SIZE), flags(2 * SIZE - 1), flags(2 * SIZE - 1)) + round % 7
end
print(checksum)
