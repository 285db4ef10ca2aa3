-- Nested arrays: products of 24 x 24 matrices of floats.
local ROUNDS = 7000
local SIZE = 24

local function make(a, b)
  local rows = {}
  for y = 0, SIZE - 1 do
    local row = {}
    for x = 0, SIZE - 1 do row[x + 1] = (a * y + b * x) % 7 * 0.5 end
    rows[y + 1] = row
  end
  return rows
end

-- One element of the product.
local function cell(row, m, x)
  local sum = 0.0
  for k = 1, SIZE do sum = sum + row[k] * m[k][x] end
  return sum
end

local function multiply(a, b, into)
  for y = 1, SIZE do
    local row = a[y]
    local out = into[y]
    for x = 1, SIZE do out[x] = cell(row, b, x) end
  end
end

local function trace(m)
  local sum = 0.0
  for i = 1, SIZE do sum = sum + m[i][i] end
  return sum
end

local product = make(0, 0)
local checksum = 0
for round = 0, ROUNDS - 1 do
  multiply(make(round, 3), make(2, round + 1), product)
  checksum = checksum + math.floor(trace(product))
end
print(checksum)
