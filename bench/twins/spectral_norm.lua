local n = tonumber(arg[1] or 100)

local function element(i, j)
  return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1)
end

local function times(u, out, n)
  for i = 0, n - 1 do
    local s = 0.0
    for j = 0, n - 1 do
      s = s + element(i, j) * u[j + 1]
    end
    out[i + 1] = s
  end
end

local function times_transposed(u, out, n)
  for i = 0, n - 1 do
    local s = 0.0
    for j = 0, n - 1 do
      s = s + element(j, i) * u[j + 1]
    end
    out[i + 1] = s
  end
end

local function spectral_norm(n)
  local u, v, w = {}, {}, {}
  for i = 1, n do
    u[i], v[i], w[i] = 1.0, 0.0, 0.0
  end
  for _ = 1, 10 do
    times(u, w, n)
    times_transposed(w, v, n)
    times(v, w, n)
    times_transposed(w, u, n)
  end
  local uv, vv = 0.0, 0.0
  for i = 1, n do
    uv = uv + u[i] * v[i]
    vv = vv + v[i] * v[i]
  end
  return math.sqrt(uv / vv)
end

print(string.format("%.9f", spectral_norm(n)))
