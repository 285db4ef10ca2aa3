-- Exceptions: a loop with a protected call in it, which fails every 16th time.
local ROUNDS = 500
local SIZE = 1000

local tries = 0

local function check(n)
  if n % 16 == 0 then error({ type = "ValidationError", message = "bad value " .. n % 7 }) end
  if n % 257 == 1 then error({ type = "TypeError", message = "worse" }) end
  return n % 5
end

local function attempt(n)
  local ok, result = pcall(check, n)
  tries = tries + 1
  if ok then return result end
  if result.type ~= "ValidationError" then error(result) end
  return #result.message
end

local function run(start)
  local sum = 0
  for i = 0, SIZE - 1 do
    local ok, result = pcall(attempt, start + i)
    if ok then sum = sum + result else sum = sum + 100 end
  end
  return sum
end

local checksum = 0
for round = 0, ROUNDS - 1 do checksum = (checksum + run(round)) % 1000003 end
print(checksum + tries)
