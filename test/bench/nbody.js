// Objects that hold floats: the sun and four planets, moved in small steps.
const ROUNDS = 4000
const STEPS = 300
const PI = 3.141592653589793
const SOLAR_MASS = 4 * PI * PI
const DAYS = 365.24

class Body {
  constructor(x, y, z, vx, vy, vz, mass) {
    this.px = x
    this.py = y
    this.pz = z
    this.vx = vx * DAYS
    this.vy = vy * DAYS
    this.vz = vz * DAYS
    this.m = mass * SOLAR_MASS
  }
  x() {
    return this.px
  }
  y() {
    return this.py
  }
  z() {
    return this.pz
  }
  mass() {
    return this.m
  }
  momentumX() {
    return this.vx * this.m
  }
  momentumY() {
    return this.vy * this.m
  }
  momentumZ() {
    return this.vz * this.m
  }

  offset(px, py, pz) {
    this.vx = -px / SOLAR_MASS
    this.vy = -py / SOLAR_MASS
    this.vz = -pz / SOLAR_MASS
  }

  pushAway(dx, dy, dz) {
    this.vx = this.vx + dx
    this.vy = this.vy + dy
    this.vz = this.vz + dz
  }

  // Both bodies attract each other.
  attract(other, dt) {
    const dx = this.px - other.x()
    const dy = this.py - other.y()
    const dz = this.pz - other.z()
    const square = dx * dx + dy * dy + dz * dz
    const magnitude = dt / (square * Math.sqrt(square))
    const mine = this.m * magnitude
    const its = other.mass() * magnitude
    this.vx = this.vx - dx * its
    this.vy = this.vy - dy * its
    this.vz = this.vz - dz * its
    other.pushAway(dx * mine, dy * mine, dz * mine)
  }

  move(dt) {
    this.px = this.px + dt * this.vx
    this.py = this.py + dt * this.vy
    this.pz = this.pz + dt * this.vz
  }

  kinetic() {
    return 0.5 * this.m * (this.vx * this.vx + this.vy * this.vy + this.vz * this.vz)
  }

  potential(other) {
    const dx = this.px - other.x()
    const dy = this.py - other.y()
    const dz = this.pz - other.z()
    return (this.m * other.mass()) / Math.sqrt(dx * dx + dy * dy + dz * dz)
  }
}

function makeBodies() {
  const sun = new Body(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
  const bodies = [
    sun,
    new Body(4.841431442464721, -1.1603200440274284, -0.10362204447112311,
             0.001660076642744037, 0.007699011184197404, -0.0000690460016972063, 0.0009547919384243266),
    new Body(8.34336671824458, 4.124798564124305, -0.4035234171143214,
             -0.002767425107268624, 0.004998528012349172, 0.00002304172975737639, 0.0002858859806661308),
    new Body(12.894369562139131, -15.111151401698631, -0.22330757889265573,
             0.002964601375647616, 0.0023784717395948095, -0.000029658956854023756, 0.00004366244043351563),
    new Body(15.379697114850917, -25.919314609987964, 0.17925877295037118,
             0.0026806777249038932, 0.001628241700382423, -0.00009515922545197159, 0.00005151389020466115),
  ]
  let px = 0.0
  let py = 0.0
  let pz = 0.0
  for (let i = 0; i < bodies.length; i = i + 1) {
    const body = bodies[i]
    px = px + body.momentumX()
    py = py + body.momentumY()
    pz = pz + body.momentumZ()
  }
  sun.offset(px, py, pz)
  return bodies
}

function advance(bodies, dt) {
  const count = bodies.length
  for (let i = 0; i < count; i = i + 1) {
    const body = bodies[i]
    for (let j = i + 1; j < count; j = j + 1) body.attract(bodies[j], dt)
  }
  for (let i = 0; i < count; i = i + 1) bodies[i].move(dt)
}

function energy(bodies) {
  let sum = 0.0
  for (let i = 0; i < bodies.length; i = i + 1) {
    const body = bodies[i]
    sum = sum + body.kinetic()
    for (let j = i + 1; j < bodies.length; j = j + 1) sum = sum - body.potential(bodies[j])
  }
  return sum
}

const system = makeBodies()
let checksum = 0
for (let round = 0; round < ROUNDS; round = round + 1) {
  for (let step = 0; step < STEPS; step = step + 1) advance(system, 0.01)
  checksum = (checksum - Math.floor(energy(system) * 1000000000.0)) % 1000003
}
console.log(checksum)
