-- Allocation: builds and walks binary trees of depth 9.
local ROUNDS = 30000
local DEPTH = 9

local Tree = {}
Tree.__index = Tree

function Tree.new(left, right)
  return setmetatable({ left = left, right = right }, Tree)
end

function Tree:count()
  if self.left == nil then return 1 end
  return 1 + self.left:count() + self.right:count()
end

local function grow(depth)
  if depth == 0 then return Tree.new(nil, nil) end
  return Tree.new(grow(depth - 1), grow(depth - 1))
end

local long_lived = grow(DEPTH)
local checksum = 0
for round = 0, ROUNDS - 1 do checksum = checksum + grow(DEPTH - round % 3):count() end
print(checksum + long_lived:count())
