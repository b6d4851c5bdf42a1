def check(items):
    assert len(items) > 2, f"only {len(items)} items"


check([1, 2])
