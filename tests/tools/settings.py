"""Random settings of an explorer, for the tests that hold its page against Python."""

import random


def random_settings(explorer, count, seed=0):
    """Return ``count`` dicts, control -> a value that the reader can choose."""
    rng = random.Random(seed)
    return [{control["name"]: _value(control, rng) for control in explorer.controls} for _ in range(count)]


def _value(control, rng):
    if "options" in control:
        return rng.choice(control["options"])[1]
    steps = round((control["max"] - control["min"]) / control["step"])
    return round(control["min"] + rng.randint(0, steps) * control["step"], 10)
