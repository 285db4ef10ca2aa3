-- Objects that hold floats: the sun and four planets, moved in small steps.
local ROUNDS = 4000
local STEPS = 300
local PI = 3.141592653589793
local SOLAR_MASS = 4 * PI * PI
local DAYS = 365.24
local sqrt = math.sqrt

local Body = {}
Body.__index = Body

function Body.new(x, y, z, vx, vy, vz, mass)
  return setmetatable({
    px = x,
    py = y,
    pz = z,
    vx = vx * DAYS,
    vy = vy * DAYS,
    vz = vz * DAYS,
    m = mass * SOLAR_MASS,
  }, Body)
end
function Body:x() return self.px end
function Body:y() return self.py end
function Body:z() return self.pz end
function Body:mass() return self.m end
function Body:momentum_x() return self.vx * self.m end
function Body:momentum_y() return self.vy * self.m end
function Body:momentum_z() return self.vz * self.m end

function Body:offset(px, py, pz)
  self.vx = -px / SOLAR_MASS
  self.vy = -py / SOLAR_MASS
  self.vz = -pz / SOLAR_MASS
end

function Body:push_away(dx, dy, dz)
  self.vx = self.vx + dx
  self.vy = self.vy + dy
  self.vz = self.vz + dz
end

-- Both bodies attract each other.
function Body:attract(other, dt)
  local dx = self.px - other:x()
  local dy = self.py - other:y()
  local dz = self.pz - other:z()
  local square = dx * dx + dy * dy + dz * dz
  local magnitude = dt / (square * sqrt(square))
  local mine = self.m * magnitude
  local its = other:mass() * magnitude
  self.vx = self.vx - dx * its
  self.vy = self.vy - dy * its
  self.vz = self.vz - dz * its
  other:push_away(dx * mine, dy * mine, dz * mine)
end

function Body:move(dt)
  self.px = self.px + dt * self.vx
  self.py = self.py + dt * self.vy
  self.pz = self.pz + dt * self.vz
end

function Body:kinetic()
  return 0.5 * self.m * (self.vx * self.vx + self.vy * self.vy + self.vz * self.vz)
end

function Body:potential(other)
  local dx = self.px - other:x()
  local dy = self.py - other:y()
  local dz = self.pz - other:z()
  return self.m * other:mass() / sqrt(dx * dx + dy * dy + dz * dz)
end

local function make_bodies()
  local sun = Body.new(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
  local bodies = {
    sun,
    Body.new(4.841431442464721, -1.1603200440274284, -0.10362204447112311,
             0.001660076642744037, 0.007699011184197404, -0.0000690460016972063, 0.0009547919384243266),
    Body.new(8.34336671824458, 4.124798564124305, -0.4035234171143214,
             -0.002767425107268624, 0.004998528012349172, 0.00002304172975737639, 0.0002858859806661308),
    Body.new(12.894369562139131, -15.111151401698631, -0.22330757889265573,
             0.002964601375647616, 0.0023784717395948095, -0.000029658956854023756, 0.00004366244043351563),
    Body.new(15.379697114850917, -25.919314609987964, 0.17925877295037118,
             0.0026806777249038932, 0.001628241700382423, -0.00009515922545197159, 0.00005151389020466115),
  }
  local px = 0.0
  local py = 0.0
  local pz = 0.0
  for i = 1, #bodies do
    local body = bodies[i]
    px = px + body:momentum_x()
    py = py + body:momentum_y()
    pz = pz + body:momentum_z()
  end
  sun:offset(px, py, pz)
  return bodies
end

local function advance(bodies, dt)
  local count = #bodies
  for i = 1, count do
    local body = bodies[i]
    for j = i + 1, count do body:attract(bodies[j], dt) end
  end
  for i = 1, count do bodies[i]:move(dt) end
end

local function energy(bodies)
  local sum = 0.0
  for i = 1, #bodies do
    local body = bodies[i]
    sum = sum + body:kinetic()
    for j = i + 1, #bodies do sum = sum - body:potential(bodies[j]) end
  end
  return sum
end

local system = make_bodies()
local checksum = 0
for round = 0, ROUNDS - 1 do
  for step = 0, STEPS - 1 do advance(system, 0.01) end
  checksum = (checksum - math.floor(energy(system) * 1000000000.0)) % 1000003
end
print(checksum)
