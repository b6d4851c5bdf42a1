def f():
    return first_thing + never_defined_anywhere


first_thing = 1
f()
