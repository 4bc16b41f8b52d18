"""What level a region has on a list of risk areas; answers are made beforehand, asking is a look-up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from gatekeeper.formats.region_table import Level, ancestors, get, level_of
from gatekeeper.formats.risk_list_file import RiskLevel, RiskPlace

NONE = "none"
_SEVERITY = {RiskLevel.LOW: 1, RiskLevel.MIDDLE: 2, RiskLevel.HIGH: 3}


class Standing(NamedTuple):
    """A region's level in the words of the rules (``none``, ``low``, ``medium``, ``high``) and who brings it there.

    ``names`` are communities for a county, areas (``吉林省 吉林市 丰满区``) above it; only those of the level.
    """

    level: str
    names: tuple[str, ...]


_CLEAR = Standing(NONE, ())


class RiskIndex:
    """Levels by region code.

    A county has the highest level of its communities, a town its county's, a city or province the highest beneath.
    An entry that stands for a whole city counts in each of its counties. A town of a development zone that has no
    code of its own has the highest of its city's unmatched entries, for the zone may be among them.
    """

    def __init__(self, places: Iterable[RiskPlace]) -> None:
        self._at: dict[str, list[RiskPlace]] = defaultdict(list)
        self._whole: dict[str, list[RiskPlace]] = defaultdict(list)
        self._unplaced: dict[str, list[RiskPlace]] = defaultdict(list)
        for place in places:
            code = place.match.code
            if code is None:
                continue
            for each in _held_by(code):
                self._at[each].append(place)
            if not place.match.exact:
                self._unplaced[code].append(place)
            elif level_of(code) in (Level.PROVINCE, Level.CITY):
                self._whole[code].append(place)
        self._standing = {code: _standing(code, here) for code, here in self._at.items()}

    def level(self, code: str) -> Standing:
        """The standing of a region; ``none`` for one that is not listed or does not exist."""
        county = _county(code)
        covering = [place for above in ancestors(county) for place in self._whole.get(above, ())]
        if level_of(county) is Level.TOWN:
            covering.extend(self.unplaced(county))
        if covering:
            return _standing(county, [*self._at.get(county, ()), *covering])
        return self._standing.get(county, _CLEAR)

    def places(self, code: str) -> tuple[RiskPlace, ...]:
        """All entries that lie in the region (a town's: in its county), highest level first, in the list's order."""
        here = self._at.get(_county(code), ())
        return tuple(sorted(here, key=lambda place: -_SEVERITY[place.level]))

    def unplaced(self, code: str) -> tuple[RiskPlace, ...]:
        """Entries of no known county that may lie in the region: the unmatched ones of its city and province."""
        county = _county(code)
        return tuple(place for each in (county, *ancestors(county)) for place in self._unplaced.get(each, ()))

    def codes(self, level: str) -> frozenset[str]:
        """Codes of provinces, cities and counties that stand at ``level``."""
        return frozenset(code for code, standing in self._standing.items() if standing.level == level)


def _county(code: str) -> str:
    """The county of a town; any other code, and a town outside every county, itself."""
    return code[:6] if level_of(code) is Level.TOWN and get(code[:6]) else code


def _held_by(code: str) -> tuple[str, ...]:
    above = ancestors(code)
    return above if level_of(code) is Level.TOWN else (code, *above)


def _standing(code: str, places: list[RiskPlace]) -> Standing:
    highest = max((place.level for place in places), key=_SEVERITY.__getitem__)
    here = [place for place in places if place.level is highest]
    if level_of(code) is Level.COUNTY:
        names = [name for place in here for name in place.communities or (place.area_name,)]
    else:
        names = [place.area_name for place in here]
    return Standing(highest.fact, tuple(dict.fromkeys(names)))
