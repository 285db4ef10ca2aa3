-- Deep recursion with two arguments: ackermann(3, 5).
local ROUNDS = 1400

local function ackermann(m, n)
  if m == 0 then return n + 1 end
  if n == 0 then return ackermann(m - 1, 1) end
  return ackermann(m - 1, ackermann(m, n - 1))
end

local checksum = 0
for round = 0, ROUNDS - 1 do checksum = (checksum + ackermann(3, 5) + round) % 1000003 end
print(checksum)
