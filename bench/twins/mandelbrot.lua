local n = tonumber(arg[1] or 200)

local function mandelbrot(n)
  local total = 0
  for row = 0, n - 1 do
    local ci = 2.0 * row / n - 1.0
    for column = 0, n - 1 do
      local cr = 2.0 * column / n - 1.5
      local zr, zi = 0.0, 0.0
      local steps = 0
      while steps < 50 do
        local r2 = zr * zr
        local i2 = zi * zi
        if r2 + i2 > 4.0 then
          break
        end
        zi = 2.0 * zr * zi + ci
        zr = r2 - i2 + cr
        steps = steps + 1
      end
      total = total + steps
    end
  end
  return total
end

print(mandelbrot(n))
