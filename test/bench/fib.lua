-- Calls: the recursive Fibonacci function, 57 313 calls in each round.
local ROUNDS = 1200

local function fib(n)
  if n < 2 then return n end
  return fib(n - 1) + fib(n - 2)
end

local checksum = 0
for round = 0, ROUNDS - 1 do checksum = checksum + fib(22) + round end
print(checksum)
