-- Functions as values: counters with captured variables, composed functions, maps and folds.
local ROUNDS = 100000
local SIZE = 50

local function make_counter(step)
  local count = 0
  return function()
    count = count + step
    return count
  end
end

local function compose(f, g) return function(x) return f(g(x)) end end
local function adder(n) return function(x) return x + n end end
local function multiplier(n) return function(x) return (x * n) % 10007 end end

local function each_into(source, f, target)
  for i = 1, SIZE do target[i] = f(source[i]) end
end

local function fold(a, f, start)
  local result = start
  for i = 1, SIZE do result = f(result, a[i]) end
  return result
end

local function run(seed, source, target)
  local counter = make_counter(seed % 5 + 1)
  for i = 1, SIZE do source[i] = counter() end
  each_into(source, compose(adder(seed), compose(multiplier(31), adder(7))), target)
  local weight = seed % 3 + 1
  return fold(target, function(sum, x) return (sum * weight + x) % 1000003 end, counter())
end

local numbers = {}
local results = {}
for k = 1, SIZE do
  numbers[k] = 0
  results[k] = 0
end
local checksum = 0
for round = 0, ROUNDS - 1 do checksum = (checksum + run(round, numbers, results)) % 1000003 end
print(checksum)
