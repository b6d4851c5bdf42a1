local n = tonumber(arg[1] or 30000)

local function collatz(n)
  local total, longest = 0, 0
  for i = 1, n - 1 do
    local x, steps = i, 0
    while x ~= 1 do
      if x % 2 == 1 then
        x = 3 * x + 1
      else
        x = x / 2
      end
      steps = steps + 1
    end
    if steps > longest then
      longest = steps
    end
    total = total + steps
  end
  return total, longest
end

local total, longest = collatz(n)
print(total)
print(longest)
