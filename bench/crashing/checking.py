"""Afterwards: the book against what the desks were told, and the disk against the book."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.crashing.desks import Tally
from bench.crashing.serving import House
from gatekeeper import clock, files, tenancy
from gatekeeper.ledger import service as ledger
from gatekeeper.ledger.models import LedgerEntry, LedgerPart
from gatekeeper.retention import photos
from gatekeeper.visits import proof


def check(house: House, tally: Tally) -> dict[str, Any]:
    """Figures of one run: acknowledged, lost, duplicated, chain, photos, orphans after the sweep."""
    house.installation.open_keystore()
    ledger.use_keystore(house.installation.keystore)
    engines = house.installation.engines
    stored: dict[str, tuple[Any, int]] = {}
    presses: Counter[tuple[str, int]] = Counter()
    faults, orphans, swept = [], 0, 0
    for place in house.places:
        with tenancy.open_session(engines, place.scope) as session:
            for event_id, seq, text in session.execute(
                select(LedgerEntry.event_id, LedgerEntry.seq, LedgerEntry.bytes)
            ):
                stored[str(event_id)] = (place.id, seq)
                event = json.loads(text)["body"].get("event")
                if event and event.get("device"):
                    presses[(event["device"], event["n"])] += 1
            found = proof.verify(session, enterprise_id=place.id)
            if not isinstance(found, proof.Sound):
                faults.append(f"{place.slug} {found.seq} {found.reason}")
            folder, later = house.folder / "photos", clock.now() + timedelta(hours=25)
            swept += photos.sweep(session, folder, today=clock.today(), at=later).orphans
            named = _named(session)
            left = {path.name for path in (folder / str(place.id)).rglob("*") if path.is_file()}
            orphans += len(left - named)
            gone = [name for name in named if not _opens(house, place.id, name)]
            faults += [f"{place.slug} photo {name} is gone" for name in gone]
    engines.dispose()
    lost = sum(stored.get(event) != at for event, at in tally.taken.items())
    missing = sum(event not in stored for event in tally.taken)
    duplicated = sum(count - 1 for count in presses.values())
    return {
        "acknowledged": len(tally.taken), "photos_acknowledged": len(tally.photos), "lost": lost, "missing": missing,
        "duplicated": duplicated, "chain": "valid" if not faults else faults[:3], "orphans_swept": swept,
        "orphans_left": orphans, "broken_connections": tally.broken, "answered_as_before": tally.replayed,
        "answers": {str(status): count for status, count in sorted(tally.answers.items())},
        "desk_faults": tally.faults[:3],
    }  # fmt: skip


def _named(session: Session) -> set[str]:
    """The photos that the answers of a book name, read from its parts without the program's own sweep."""
    own = LedgerPart.enterprise_id == tenancy.own_id(session)
    parts = session.scalars(select(LedgerPart).where(own, LedgerPart.cls == "photo"))
    return {found for part in parts for found in re.findall(r'"([0-9a-f]{64})"', json.dumps(ledger.open_part(part)))}


def _opens(house: House, enterprise: Any, name: str) -> bool:
    for path in (house.folder / "photos" / str(enterprise)).glob(f"*/{name}"):
        day = clock.datetime.fromisoformat(path.parent.name).date()
        return bool(files.load(house.folder / "photos", ledger.keystore(), name, enterprise=enterprise, expires_on=day))
    return False


def sound(figures: dict[str, Any]) -> bool:
    """Whether nothing was lost, doubled, broken or left lying about."""
    clean = not figures["lost"] and not figures["duplicated"] and not figures["orphans_left"]
    return bool(clean and figures["chain"] == "valid" and not figures["desk_faults"] and figures["acknowledged"])
