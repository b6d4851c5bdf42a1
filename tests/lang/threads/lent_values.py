# Rows of a shared list are replaced while traces in other threads read them without counting.
import _thread
import time

rows = [[i, i * 2, (i,)] for i in range(16)]
table = {i: [i, i * 2, (i,)] for i in range(16)}
table["x"] = [1, 2, (1,)]
cell_log = []
done = []


def maker():
    current = [5, 10, (5,)]

    def get():
        return current

    def put(k):
        nonlocal current
        current = [k, k * 2, (k,)]

    return get, put


get, put = maker()


def reader(name, n):
    bad = 0
    row = last = None
    for i in range(n):
        row = rows[i & 15]
        if row[1] != row[0] * 2 or row[2][0] != row[0]:
            bad += 1
        row = table[i & 15]
        if row[1] != row[0] * 2 or row[2][0] != row[0]:
            bad += 1
        last = table.get("x")
        if last[1] - last[0] != last[0]:
            bad += 1
        row = get()
        if row[0] * 2 != row[1]:
            bad += 1
    for last in rows:
        if last[2][0] != last[0]:
            bad += 1
    done.append((name, bad, len(row), len(last)))


def writer(name, n):
    for i in range(n):
        rows[i & 15] = [i, i * 2, (i,)]
        table[i & 15] = [i, i * 2, (i,)]
        if i % 7 == 0:
            table["x"] = [i, i * 2, (i,)]
            put(i)
    done.append((name, 0, 3, 3))


for k in range(2):
    _thread.start_new_thread(reader, (k, 50000))
    _thread.start_new_thread(writer, (10 + k, 50000))
reader(5, 50000)
while len(done) < 5:
    time.sleep(0.001)
print(sorted(done))

flag = [False]


def set_flag():
    time.sleep(0.01)
    flag[0] = True


_thread.start_new_thread(set_flag, ())
spins = 0
while not flag[0]:
    spins += 1
print(spins > 0)
