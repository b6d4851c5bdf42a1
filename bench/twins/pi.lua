local n = tonumber(arg[1] or 1000000)
local function compute_pi(iterations)
  local pi = 0.0
  for k = 0, iterations - 1 do
    pi = pi + (4.0 * (-1) ^ k) / (2 * k + 1)
  end
  return pi
end
print(string.format("%.9f", compute_pi(n)))
