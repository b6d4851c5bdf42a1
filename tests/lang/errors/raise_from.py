def load(name):
    try:
        return {"x": 1}[name]
    except KeyError as e:
        raise ValueError("no entry") from e


load("y")
