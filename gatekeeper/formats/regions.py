"""Regions of GB/T 2260, all that the product asks of them: look up, name, search, match names of an official list."""

from gatekeeper.formats.region_match import Match, match
from gatekeeper.formats.region_search import search
from gatekeeper.formats.region_table import (
    Level,
    Region,
    ancestors,
    covers,
    full_name,
    get,
    level_of,
    parent_of,
    province_of,
)

__all__ = [
    "Level",
    "Match",
    "Region",
    "ancestors",
    "covers",
    "full_name",
    "get",
    "level_of",
    "match",
    "parent_of",
    "province_of",
    "search",
]
