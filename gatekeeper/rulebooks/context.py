"""What the editor knows besides the draft: the place's gates and zones, the questions that are asked already."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from gatekeeper.access import Tenant
from gatekeeper.enterprises import queries as enterprises
from gatekeeper.enterprises.models import EnterpriseKind, Township
from gatekeeper.formats import regions
from gatekeeper.rulebooks import queries
from gatekeeper.rulebooks.models import RulebookVersion
from gatekeeper.rules import codec
from gatekeeper.rules.kinds import KINDS, Kind
from gatekeeper.rules.values import Owner, Rule, Rulebook, Text
from gatekeeper.rules.vocabulary import GATE_KINDS, label
from gatekeeper.rules.warnings import Here

Place = Callable[[str], Text]

_CODES = re.compile(r"(?<![0-9a-f-])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[1-9]\d{5}(?:\d{3})?)(?![0-9a-f-])")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that is asked already: its code, kind, unit (numbers only), and the title people know it by."""

    code: str
    kind: str
    unit: str | None
    title: Text


@dataclass(frozen=True, slots=True)
class Surroundings:
    """``gates`` and ``zones`` are (code, name) of those in use; ``township`` is the office's rulebook in force."""

    office: bool
    gates: tuple[tuple[str, str], ...]
    zones: tuple[tuple[str, str], ...]
    township: Rulebook | None
    here: Here

    @property
    def owner(self) -> Owner:
        """Whose rules are written here."""
        return Owner.TOWNSHIP if self.office else Owner.ENTERPRISE

    def kinds(self) -> list[Kind]:
        """The kinds of rule this place can write; an office knows no factory's gates."""
        return [kind for kind in KINDS.values() if not (self.office and kind.code == "gate_allowed")]

    def asked(self, rules: Iterable[Rule], kind: str) -> list[Asked]:
        """Every question of ``kind`` that ``rules`` or the township's ask, each once."""
        found: dict[str, Asked] = {}
        for rule in (*(self.township.rules if self.township else ()), *rules):
            if rule.kind == kind and rule.question:
                found.setdefault(rule.question, Asked(rule.question, kind, rule.params.get("unit"), rule.title))
        return list(found.values())


def office_of(session: Session, tenant: Tenant) -> UUID | None:
    """The enterprise id of the tenant's township office."""
    township = session.get(Township, tenant.township_id) if tenant.township_id else None
    return township.office_id if township else None


def township_version(session: Session, tenant: Tenant, *, at: datetime) -> RulebookVersion | None:
    """The township's version in force at a factory; None at the office itself."""
    office = office_of(session, tenant)
    return queries.of_enterprise(session, enterprise_id=office, at=at) if office and office != tenant.id else None


def surroundings(session: Session, tenant: Tenant, *, at: datetime) -> Surroundings:
    """Everything the editor of ``tenant`` offers."""
    above = township_version(session, tenant, at=at)
    return Surroundings(
        office=tenant.kind == EnterpriseKind.TOWNSHIP_OFFICE,
        gates=tuple((str(gate.id), gate.name) for gate in enterprises.gates(session, enterprise_id=tenant.id)),
        zones=tuple((zone.code, zone.name) for zone in enterprises.zones(session, enterprise_id=tenant.id)),
        township=queries.rulebook_of(above) if above else None,
        here=here(session, tenant.id),
    )


def here(session: Session, enterprise_id: UUID) -> Here:
    """What facts can be at an enterprise; an office knows no enterprise's gates and zones, and all else can be."""
    row = enterprises.enterprise(session, enterprise_id=enterprise_id)
    if row.kind == EnterpriseKind.TOWNSHIP_OFFICE:
        return Here({"gate": (), "zone": ()})
    gates = enterprises.gates(session, enterprise_id=enterprise_id)
    trucks = ["logistics" if not gate.accepts or "truck" in gate.accepts.split(",") else "people" for gate in gates]
    return Here(
        {
            "gate": tuple(str(gate.id) for gate in gates),
            "gate_kind": tuple(dict.fromkeys(trucks)),
            "zone": tuple(zone.code for zone in enterprises.zones(session, enterprise_id=enterprise_id)),
            "cluster": (row.cluster,) if row.cluster else (),
            "exporter": (row.exporter,),
        }
    )


def places(session: Session, enterprise_id: UUID) -> Place:
    """Names for the codes in rules: regions, and the place's own gates (closed ones too) and zones."""
    names = {str(gate.id): gate.name for gate in enterprises.gates(session, enterprise_id=enterprise_id, closed=True)}
    names |= {zone.code: zone.name for zone in enterprises.zones(session, enterprise_id=enterprise_id)}

    def place(code: str) -> Text:
        if any(kind.code == code for kind in GATE_KINDS):
            return label(GATE_KINDS, code)
        name = names.get(code) or (regions.full_name(code) if regions.get(code) else code)
        return Text(name, name)

    return place


def changes(old: Rulebook, new: Rulebook, place: Place) -> list[Text]:
    """One sentence per change between two rulebooks, places by their names."""

    def spoken(text: str, tongue: int) -> str:
        return _CODES.sub(lambda found: place(found[0])[tongue], text)

    return [Text(spoken(said.zh, 0), spoken(said.en, 1)) for said in codec.compare(old, new)]
