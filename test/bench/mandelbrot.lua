-- Floats: escape times of 32 x 24 points of the Mandelbrot set, at most 150 steps each.
local ROUNDS = 2700

local function escape_time(cr, ci)
  local zr = 0.0
  local zi = 0.0
  for steps = 0, 149 do
    local rr = zr * zr
    local ii = zi * zi
    if rr + ii > 4.0 then return steps end
    zi = 2.0 * zr * zi + ci
    zr = rr - ii + cr
  end
  return 150
end

local function picture(shift)
  local sum = 0
  for y = 0, 23 do
    local ci = y * 0.1 - 1.2
    for x = 0, 31 do sum = sum + escape_time(x * 0.09375 - 2.25 + shift, ci) end
  end
  return sum
end

local checksum = 0
for round = 0, ROUNDS - 1 do checksum = checksum + picture(round % 8 * 0.0078125) end
print(checksum)
