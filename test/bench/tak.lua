-- Recursion with three arguments: Takeuchi's function, tak(18, 12, 6).
local ROUNDS = 1300

local function tak(x, y, z)
  if y >= x then return z end
  return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y))
end

local checksum = 0
for round = 0, ROUNDS - 1 do checksum = checksum + tak(18, 12, 6) + round % 3 end
print(checksum)
