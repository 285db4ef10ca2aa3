-- Loops outside any function: the steps of the Collatz sequences of 1 to 1000.
local ROUNDS = 1800
local floor = math.floor

local checksum = 0
for round = 0, ROUNDS - 1 do
  local most = 0
  for start = 1, 1000 do
    local n = start + round
    local steps = 0
    while n ~= 1 do
      if n % 2 == 0 then n = floor(n / 2) else n = 3 * n + 1 end
      steps = steps + 1
    end
    if steps > most then most = steps end
    checksum = checksum + steps
  end
  checksum = (checksum + most) % 1000003
end
print(checksum)
