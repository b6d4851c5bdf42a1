local n = tonumber(arg[1] or 100)

local function make_matrix(n, seed)
  local m = {}
  for i = 0, n - 1 do
    local row = {}
    for j = 0, n - 1 do
      row[j + 1] = (i * seed + j) % 10 + 0.5
    end
    m[i + 1] = row
  end
  return m
end

local function multiply(a, b, n)
  local c = {}
  for i = 1, n do
    local row, out = a[i], {}
    for j = 1, n do
      local s = 0.0
      for k = 1, n do
        s = s + row[k] * b[k][j]
      end
      out[j] = s
    end
    c[i] = out
  end
  return c
end

local c = multiply(make_matrix(n, 3), make_matrix(n, 7), n)
local trace = 0.0
for i = 1, n do
  trace = trace + c[i][i]
end
print(string.format("%.9f", trace))
print(string.format("%.9f", c[n][1]))
