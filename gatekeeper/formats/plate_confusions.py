"""What a camera may have misread: the "did you mean" of a plate."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.formats.plates import PlateClass, classify, parse

MAX_GUESSES = 24
_GROUPS = ("0DQO", "8B", "2Z", "5S", "17TI", "川州")
_TWINS = {char: tuple(c for c in group if c != char) for group in _GROUPS for char in group}


def lookalikes(plate: str) -> tuple[str, ...]:
    """Well-formed plates that a camera confuses with ``plate`` (written or normalised), nearest first, at most 24.

    One character differs; two where ``plate`` itself is no known format and one change does not mend it.
    Empty for a vehicle without a plate.
    """
    read = parse(plate)
    if read.missing or len(read.plate) > 9:
        return ()
    once = dict.fromkeys(guess for guess in _swaps(read.plate, 0) if classify(guess) is not PlateClass.OTHER)
    if once or read.cls is not PlateClass.OTHER:
        return tuple(once)[:MAX_GUESSES]
    twice = dict.fromkeys(
        guess
        for at in range(len(read.plate))
        for first in _swaps_at(read.plate, at)
        for guess in _swaps(first, at + 1)
        if classify(guess) is not PlateClass.OTHER
    )
    return tuple(twice)[:MAX_GUESSES]


def _swaps(key: str, start: int) -> Iterator[str]:
    for at in range(start, len(key)):
        yield from _swaps_at(key, at)


def _swaps_at(key: str, at: int) -> Iterator[str]:
    for twin in _TWINS.get(key[at], ()):
        yield key[:at] + twin + key[at + 1 :]
