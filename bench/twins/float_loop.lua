local n = tonumber(arg[1] or 1000000)

local function float_loop(n)
  local x, y, s = 0.0, 1.0, 0.0
  local i = 0
  while i < n do
    x = x * 0.5 + 1.25
    y = y * 0.999 + x * 0.001
    if y > 2.4 then
      y = y - 1.5
    end
    s = s + y / (i + 1)
    i = i + 1
  end
  return s
end

print(string.format("%.9f", float_loop(n)))
