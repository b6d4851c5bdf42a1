local n = tonumber(arg[1] or 20000)
local sqrt = math.sqrt
local PI = 3.141592653589793
local SOLAR_MASS = 4 * PI * PI
local DAYS = 365.24

local x = {0.0, 4.84143144246472090, 8.34336671824457987, 12.8943695621391310, 15.3796971148509165}
local y = {0.0, -1.16032004402742839, 4.12479856412430479, -15.1111514016986312, -25.9193146099879641}
local z = {0.0, -0.103622044471123109, -0.403523417114321381, -0.223307578892655734,
  0.179258772950371181}
local vx = {0.0, 0.00166007664274403694 * DAYS, -0.00276742510726411021 * DAYS,
  0.00296460137564761618 * DAYS, 0.00268067772490389322 * DAYS}
local vy = {0.0, 0.00769901118419740425 * DAYS, 0.00499852801234917238 * DAYS,
  0.00237847173959480950 * DAYS, 0.00162824170038242295 * DAYS}
local vz = {0.0, -0.0000690460016972063023 * DAYS, 0.0000230417297573763929 * DAYS,
  -0.0000296589568540237556 * DAYS, -0.0000951592254519715870 * DAYS}
local mass = {SOLAR_MASS, 0.000954791938424326609 * SOLAR_MASS, 0.000285885980666130812 * SOLAR_MASS,
  0.0000436624404335156298 * SOLAR_MASS, 0.0000515138902046611451 * SOLAR_MASS}
local px, py, pz = 0.0, 0.0, 0.0
for i = 1, 5 do
  px = px + vx[i] * mass[i]
  py = py + vy[i] * mass[i]
  pz = pz + vz[i] * mass[i]
end
vx[1] = -px / SOLAR_MASS
vy[1] = -py / SOLAR_MASS
vz[1] = -pz / SOLAR_MASS

local function advance(steps, dt, x, y, z, vx, vy, vz, mass)
  local n = #x
  for _ = 1, steps do
    for i = 1, n do
      local xi, yi, zi, mi = x[i], y[i], z[i], mass[i]
      local vxi, vyi, vzi = vx[i], vy[i], vz[i]
      for j = i + 1, n do
        local dx = xi - x[j]
        local dy = yi - y[j]
        local dz = zi - z[j]
        local d2 = dx * dx + dy * dy + dz * dz
        local mag = dt / (d2 * sqrt(d2))
        local mj = mass[j] * mag
        vxi = vxi - dx * mj
        vyi = vyi - dy * mj
        vzi = vzi - dz * mj
        mag = mag * mi
        vx[j] = vx[j] + dx * mag
        vy[j] = vy[j] + dy * mag
        vz[j] = vz[j] + dz * mag
      end
      vx[i] = vxi
      vy[i] = vyi
      vz[i] = vzi
    end
    for i = 1, n do
      x[i] = x[i] + dt * vx[i]
      y[i] = y[i] + dt * vy[i]
      z[i] = z[i] + dt * vz[i]
    end
  end
end

local function energy(x, y, z, vx, vy, vz, mass)
  local n = #x
  local e = 0.0
  for i = 1, n do
    e = e + 0.5 * mass[i] * (vx[i] * vx[i] + vy[i] * vy[i] + vz[i] * vz[i])
    for j = i + 1, n do
      local dx = x[i] - x[j]
      local dy = y[i] - y[j]
      local dz = z[i] - z[j]
      e = e - mass[i] * mass[j] / sqrt(dx * dx + dy * dy + dz * dz)
    end
  end
  return e
end

print(string.format("%.9f", energy(x, y, z, vx, vy, vz, mass)))
advance(n, 0.01, x, y, z, vx, vy, vz, mass)
print(string.format("%.9f", energy(x, y, z, vx, vy, vz, mass)))
