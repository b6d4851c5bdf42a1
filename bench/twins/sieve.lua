local n = tonumber(arg[1] or 100000)

local function sieve(n)
  local flags = {}
  for i = 1, n + 1 do
    flags[i] = 1
  end
  local i = 2
  while i * i <= n do
    if flags[i + 1] ~= 0 then
      local j = i * i
      while j <= n do
        flags[j + 1] = 0
        j = j + i
      end
    end
    i = i + 1
  end
  local count = 0
  for i = 2, n do
    if flags[i + 1] ~= 0 then
      count = count + 1
    end
  end
  return count
end

local total = 0
for _ = 1, 10 do
  total = total + sieve(n)
end
print(total)
