# try/except/else/finally: matching, order, as-names, re-raise, nesting, args, attributes.
def kinds(f):
    try:
        result = f()
    except ZeroDivisionError as e:
        return "zero: %s" % e
    except (KeyError, IndexError) as e:
        return "lookup: %s %r %s" % (type(e).__name__, e, e.args)
    except ArithmeticError:
        return "arithmetic"
    except Exception as e:
        return "other: %s %s" % (type(e).__name__, e)
    else:
        return "fine: %s" % result
    finally:
        print("[finally]", end=" ")


print(kinds(lambda: 1 // 0))
print(kinds(lambda: {}["k"]))
print(kinds(lambda: [][1]))
print(kinds(lambda: 10.0 ** 1000))
print(kinds(lambda: int("x")))
print(kinds(lambda: None + 1))
print(kinds(lambda: "ok"))
print(kinds(lambda: undefined))
print(kinds(lambda: (1).foo))


def reraise():
    try:
        try:
            raise ValueError("inner")
        except ValueError as e:
            print("caught", e)
            raise
    except ValueError as e:
        print("again", e)


reraise()
try:
    raise KeyError
except KeyError as e:
    print(repr(e), e.args)
try:
    raise ValueError("a", 1)
except ValueError as e:
    print(repr(e), str(e), e.args)
try:
    raise ValueError
except Exception as e:
    print(repr(e), str(e) == "")
try:
    raise Exception("x") from ValueError("cause")
except Exception as e:
    print(repr(e.__cause__), e.__suppress_context__)
try:
    try:
        1 / 0
    except ZeroDivisionError:
        raise KeyError("second")
except KeyError as e:
    print(repr(e.__context__), e.__cause__)
try:
    try:
        1 / 0
    except ZeroDivisionError:
        raise KeyError("second") from None
except KeyError as e:
    print(repr(e.__context__), e.__cause__, e.__suppress_context__)
e = "kept"
try:
    raise TypeError("t")
except TypeError as e:
    pass
try:
    print(e)
except NameError as err:
    print("NameError", err)
for bad in (5, "text", None, int):
    try:
        raise bad
    except TypeError as err:
        print("TypeError", err)
try:
    raise
except RuntimeError as err:
    print("RuntimeError", err)
try:
    try:
        raise ValueError("v")
    except 5:
        pass
except TypeError as err:
    print("TypeError", err)


def order():
    log = []
    try:
        log.append("try")
        try:
            log.append("inner")
            raise IndexError("i")
        except KeyError:
            log.append("wrong")
        finally:
            log.append("inner finally")
    except LookupError as err:
        log.append("outer %s" % err)
    return log


print(order())


def deep(n):
    if n == 0:
        raise OverflowError("bottom")
    try:
        deep(n - 1)
    finally:
        if n % 20 == 0:
            print("unwinding", n)


try:
    deep(60)
except OverflowError as err:
    print(err)
print(isinstance(ValueError("x"), Exception), issubclass(KeyError, LookupError), issubclass(ZeroDivisionError, ArithmeticError), ValueError("a") == ValueError("a"))
print(str(KeyError("k")), str(KeyError("a", "b")), repr(OSError(2, "no")), str(StopIteration(5).value), repr(SystemExit(3)), str(AssertionError()))
try:
    raise SystemExit("bye")
except SystemExit as err:
    print("exit", err.code)
try:
    raise KeyboardInterrupt
except BaseException as err:
    print(type(err).__name__)
for i in range(4):
    try:
        if i == 2:
            raise ValueError(i)
        continue
    except ValueError as err:
        print("at", err)
        continue
    finally:
        print("f", i)
