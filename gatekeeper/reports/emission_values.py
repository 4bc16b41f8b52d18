"""The emission ledger as plain frozen values: a truck a line, and the share of clean transport (docs/figures.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from gatekeeper.figures.values import Rate
from gatekeeper.reports.values import Issuer
from gatekeeper.rules import packs
from gatekeeper.rules.values import Text

PACK = "emission_gate"
STAGE_RULES = ("emission_stage", "emission_stage_alert")
"""The rules that ask for an emission stage; a switched pack has them with its own name before."""
CLEAN = ("china_6", "new_energy")
"""What counts as clean transport: the stages that the pack lets in during a heavy-pollution alert."""
LIMIT = 80
"""Percent of the tonnes that are to be carried clean, as the pack's purpose says."""
ASKED = ("plate_colour", "vin", "engine_no", "registration_date", "fuel", "emission_stage", "vehicle_use", "fleet")
PHOTOS = ("photo_body", "photo_plate", "photo_cargo_list")


def _options() -> dict[str, dict[str, Text]]:
    rules = packs.load(PACK)["rules"]
    return {
        rule["question"]: {option["code"]: Text(option["zh"], option["en"]) for option in rule["params"]["options"]}
        for rule in rules
        if rule["kind"] == "choice"
    }


OPTIONS = _options()
"""What the answers to the pack's choices are called, by question and code."""


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A truck that arrived. ``told`` are the answers to ``ASKED`` in their order and ``photos`` those to ``PHOTOS``.

    An answer is a code or text, empty where nobody answered, None once erased; ``plate`` alike. ``kg`` is None where
    the load was not weighed. ``below``: the stage did not reach what was required then; ``waived`` by an override.
    """

    visit_id: UUID
    arrived_at: datetime
    plate: str | None
    told: tuple[str | None, ...]
    cargo: str
    kg: int | None
    entered_at: datetime | None
    left_at: datetime | None
    photos: tuple[str | None, ...]
    below: bool
    waived: bool

    @property
    def stage(self) -> str | None:
        return self.told[ASKED.index("emission_stage")]

    @property
    def is_clean(self) -> bool:
        return self.stage in CLEAN


@dataclass(frozen=True, slots=True)
class EmissionLedger:
    """The trucks of a period by arrival; ``seq`` is where the book stood."""

    issuer: Issuer
    first: date
    last: date
    seq: int
    made_at: datetime
    vehicles: tuple[Vehicle, ...]

    @property
    def number(self) -> str:
        return f"{self.issuer.slug.upper()}-HJ-{self.first:%Y%m%d}-{self.last:%Y%m%d}-{self.seq}"

    @property
    def clean(self) -> Rate:
        """Kilograms carried clean, of all that were weighed on trucks that entered."""
        weighed = [vehicle for vehicle in self.vehicles if vehicle.entered_at and vehicle.kg]
        clean = sum(vehicle.kg or 0 for vehicle in weighed if vehicle.is_clean)
        return Rate(clean, sum(vehicle.kg or 0 for vehicle in weighed))

    @property
    def reached(self) -> bool | None:
        """Whether the share reaches ``LIMIT``; None where nothing was weighed."""
        return self.clean.met * 100 >= LIMIT * self.clean.of if self.clean.of else None

    @property
    def unweighed(self) -> int:
        """Trucks with a load that entered and left, whose load was not weighed: they stand in no tonnes."""
        return sum(1 for vehicle in self.vehicles if vehicle.left_at and vehicle.entered_at and _is_loaded(vehicle))

    @property
    def below(self) -> tuple[Vehicle, ...]:
        return tuple(vehicle for vehicle in self.vehicles if vehicle.below)


def _is_loaded(vehicle: Vehicle) -> bool:
    return vehicle.kg is None and vehicle.cargo not in ("", "empty")


def tonnes(kg: int) -> str:
    """Kilograms as tonnes with three places."""
    return f"{kg // 1000}.{kg % 1000:03d}"
