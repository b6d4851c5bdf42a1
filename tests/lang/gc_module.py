# The functions of gc.
import gc

print(gc.isenabled())
gc.disable()
print(gc.isenabled())
gc.enable()
print(gc.isenabled())

for generation in (0, 1, 2):
    print(type(gc.collect(generation)))
print(gc.collect(generation=2) >= 0)
for wrong in (-1, 3, "x", None):
    try:
        gc.collect(wrong)
    except (ValueError, TypeError) as e:
        print(type(e).__name__, e)
try:
    gc.collect(0, 1)
except TypeError:
    print("TypeError")

before = gc.get_threshold()
print(len(before), len(gc.get_count()))
gc.set_threshold(500, 20, 30)
print(gc.get_threshold())
gc.set_threshold(600)
print(gc.get_threshold())
gc.set_threshold(before[0], before[1], before[2])
for wrong in ((), ("a",), (1, 2, 3, 4)):
    try:
        gc.set_threshold(*wrong)
    except TypeError:
        print("TypeError")

stats = gc.get_stats()
print(len(stats), [stats[i]["collections"] >= 0 for i in range(3)],
      [("collected" in s, "uncollectable" in s) for s in stats])
count = stats[2]["collections"]
gc.collect()
print(gc.get_stats()[2]["collections"] == count + 1)

x = [1]
print(gc.is_tracked(x), gc.is_tracked(1), gc.is_tracked("a"), gc.is_tracked(1.5), gc.is_tracked(None))
print(gc.is_finalized(x))
y = {"x": x}
print(any([r is x for r in gc.get_referents(y, 5)]))
print(any([r is y for r in gc.get_referrers(x)]))
print(any([o is y for o in gc.get_objects()]))
for wrong in (-2, 3):
    try:
        gc.get_objects(wrong)
    except ValueError as e:
        print(e)
print(gc.garbage, gc.get_debug(), gc.get_freeze_count())
print(gc.DEBUG_STATS, gc.DEBUG_COLLECTABLE, gc.DEBUG_UNCOLLECTABLE, gc.DEBUG_SAVEALL, gc.DEBUG_LEAK)

seen = []


def callback(phase, info):
    seen.append((phase, sorted(info), info["collected"] >= 5))


gc.collect()
gc.callbacks.append(callback)
for i in range(5):
    a = []
    a.append(a)
del a
gc.collect()
gc.callbacks.remove(callback)
gc.collect()
print(seen)
