-- Floats and calls: the spectral norm of an infinite matrix, cut to 60 x 60.
local ROUNDS = 800
local SIZE = 60

local function element(i, j)
  return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1)
end

local function vector(value)
  local v = {}
  for i = 1, SIZE do v[i] = value end
  return v
end

local function multiply(v, into)
  for i = 0, SIZE - 1 do
    local sum = 0.0
    for j = 0, SIZE - 1 do sum = sum + element(i, j) * v[j + 1] end
    into[i + 1] = sum
  end
end

local function multiply_transposed(v, into)
  for i = 0, SIZE - 1 do
    local sum = 0.0
    for j = 0, SIZE - 1 do sum = sum + element(j, i) * v[j + 1] end
    into[i + 1] = sum
  end
end

local function norm()
  local u = vector(1.0)
  local v = vector(0.0)
  local w = vector(0.0)
  for step = 0, 9 do
    multiply(u, w)
    multiply_transposed(w, v)
    multiply(v, w)
    multiply_transposed(w, u)
  end
  local uv = 0.0
  local vv = 0.0
  for i = 1, SIZE do
    uv = uv + u[i] * v[i]
    vv = vv + v[i] * v[i]
  end
  return math.sqrt(uv / vv)
end

local checksum = 0
for round = 0, ROUNDS - 1 do
  checksum = (checksum + math.floor(norm() * 1000000000.0) + round) % 1000003
end
print(checksum)
