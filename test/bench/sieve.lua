-- Arrays: the sieve of Eratosthenes below 1000 on one array of booleans.
local ROUNDS = 50000
local LIMIT = 1000

local function clear(flags)
  for i = 1, LIMIT do flags[i] = true end
end

-- The flag of the number n has the index n + 1.
local function cross_out(flags, prime)
  for i = prime * prime, LIMIT - 1, prime do flags[i + 1] = false end
end

local function sum_of_primes(flags)
  local sum = 0
  for i = 2, LIMIT - 1 do
    if flags[i + 1] then sum = sum + i end
  end
  return sum
end

local function sieve(flags)
  clear(flags)
  local n = 2
  while n * n < LIMIT do
    if flags[n + 1] then cross_out(flags, n) end
    n = n + 1
  end
  return sum_of_primes(flags)
end

local flags = {}
for k = 1, LIMIT do flags[k] = false end
local checksum = 0
for round = 0, ROUNDS - 1 do checksum = checksum + sieve(flags) + round end
print(checksum)
