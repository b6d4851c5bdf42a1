local n = tonumber(arg[1] or 1000000)
local function power_sum(n)
  local total = 0
  for k = 0, n - 1 do
    total = total + 3 ^ (k % 20)
  end
  return total
end
print(string.format("%.0f", power_sum(n)))
