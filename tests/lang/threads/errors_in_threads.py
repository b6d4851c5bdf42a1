"""What threads print that end by an exception; the others go on."""
import _thread
import sys


def gate():
    lock = _thread.allocate_lock()
    lock.acquire()
    return lock


def run(function, *args):
    """In a thread, whose end is known by its sentinel: after its exception has been printed."""
    started = gate()
    sentinels = []

    def body():
        sentinel = _thread._set_sentinel()
        sentinel.acquire()
        sentinels.append(sentinel)
        started.release()
        function(*args)

    _thread.start_new_thread(body, ())
    started.acquire()
    sentinels[0].acquire()


def divide():
    return 1 / 0


def nothing_to_say():
    raise ValueError


def chained():
    try:
        divide()
    except ZeroDivisionError as error:
        raise KeyError("key") from error


def noted():
    error = ValueError("with a note")
    error.add_note("the note")
    raise error


def deep(n):
    return deep(n + 1)


def exits():
    sys.exit("silent")


def interrupt():
    raise KeyboardInterrupt


def hook():
    try:
        chained()
    except KeyError as error:
        _thread._excepthook(_thread._ExceptHookArgs((type(error), error, error.__traceback__, None)))


for function in (divide, nothing_to_say, chained, noted, exits, interrupt):
    run(function)
    sys.stderr.flush()
run(deep, 0)
try:
    deep(0)
except RecursionError as error:
    print(error)
try:
    _thread._excepthook(1)
except TypeError as error:
    print(error)
print(_thread._count())
