local n = tonumber(arg[1] or 7)

function place(row, n, columns, falling, rising)
  if row == n then
    return 1
  end
  local found = 0
  for column = 0, n - 1 do
    local c, f, r = column + 1, row + column + 1, row - column + n + 1
    if columns[c] == 0 and falling[f] == 0 and rising[r] == 0 then
      columns[c], falling[f], rising[r] = 1, 1, 1
      found = found + place(row + 1, n, columns, falling, rising)
      columns[c], falling[f], rising[r] = 0, 0, 0
    end
  end
  return found
end

local function zeros(count)
  local list = {}
  for i = 1, count do
    list[i] = 0
  end
  return list
end

print(place(0, n, zeros(n), zeros(2 * n), zeros(2 * n + 1)))
