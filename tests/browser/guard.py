"""A guard before the desk in a real Chromium: visits, keys that are pressed, what the book has of it in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from playwright.sync_api import BrowserContext, Locator, Page, expect

from gatekeeper import tenancy
from gatekeeper.access import Actor
from gatekeeper.ledger.queries import Fault
from gatekeeper.visits import book, proof
from tests.browser.desk import DUTY, OPEN, until
from tests.factories import World
from tests.rules.made import rule, temperature

HEARD = """() => {
  window.tones = [];
  window.spoken = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...given) { tones.push(this.type); return start.apply(this, given); };
  window.speechSynthesis.speak = ({ lang, text }) => spoken.push([lang, text]);
}"""
WAITS = """async () => (await (await import("/static/desk/outbox.js")).unsent()).waiting"""
ARRIVE = """([plate, people, more]) => model.arrive({
  plates: plate ? [{ subject: "tractor", written: plate }] : [], ...more,
  people: Array.from({ length: people }, (_, number) => ({
    subject: `occupant:${number + 1}`, role: !plate ? "visitor" : number ? "passenger" : "driver" })) })"""


def titled(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


LEADS = ["shift_lead", "enterprise_admin"]
FEVER = {
    **temperature(),
    "title": titled("测体温", "Temperature"),
    "why": titled("发热的人不能进车间", "No fever inside"),
}
CODE = rule(
    "code", "code_check", subject="occupant", title=titled("查健康码", "Health code"), overridable_by=LEADS,
    params={"accepted": ["green"], "valid_until_required": False},
)  # fmt: skip
RED = rule(
    "red", "code_check", subject="occupant", question="code", title=titled("不是红码", "Not red"), consequence="refuse",
    params={"accepted": ["green", "yellow", "none"], "valid_until_required": False},
)  # fmt: skip
SEAL = rule("seal", "photo", title=titled("拍铅封", "Photo of the seal"), overridable_by=LEADS)
CLEAN = rule(
    "clean", "disinfection", subject="tractor", title=titled("车辆消杀", "Disinfection"), overridable_by=LEADS,
    params={"contact_minutes": 20, "operator": True},
)  # fmt: skip
CAB = rule(
    "cab", "stay_in_cab", stage="on_site", title=titled("司机不下车", "In the cab"), params={"at": ["on_site", "exit"]}
)
SLIP = rule("slip", stage="exit", title=titled("核对磅单", "Weigh slip"), overridable_by=LEADS)


@dataclass
class Guard:
    """Somebody on duty at a phone whose desk is open; ``visits`` are those that this test brought."""

    page: Page
    world: World
    address: str
    another: Callable[[], AbstractContextManager[BrowserContext]]
    visits: list[str] = field(default_factory=list)

    def begin(self, by: Actor) -> Guard:
        """The desk is opened, was told of its gate once, and ``by`` is on duty."""
        self.page.add_init_script(f"({HEARD})()")
        self.page.goto(f"{self.address}/desk")
        self.page.evaluate(DUTY, str(by.id))
        return self.again()

    @contextmanager
    def elsewhere(self, by: Actor) -> Iterator[Guard]:
        """Somebody else at another phone of the same gate."""
        with self.another() as phone:
            yield Guard(phone.new_page(), self.world, self.address, self.another).begin(by)

    def again(self) -> Guard:
        """The page is loaded anew, as after a tab was killed."""
        self.page.reload()
        self.page.evaluate(OPEN)
        until(self.page, "model.now !== null")
        return self

    def arrive(self, plate: str = "浙A12345", people: int = 1, **more: Any) -> str:
        visit: str = self.page.evaluate(ARRIVE, [plate, people, more])
        self.visits.append(visit)
        self.go(f"v/{visit}")
        return visit

    def go(self, address: str) -> None:
        self.page.evaluate("(address) => { location.hash = `#/${address}`; }", address)

    def key(self, name: str, **more: Any) -> Locator:
        """A key or a link by its words, the whole of them."""
        main, more = self.page.locator("main"), {"exact": True, **more}
        return main.get_by_role("button", name=name, **more).or_(main.get_by_role("link", name=name, **more)).first

    def press(self, *names: str) -> None:
        for name in names:
            self.key(name).click()

    def title(self, text: str) -> None:
        """What the screen is about is this."""
        expect(self.page.locator("main h1")).to_have_text(text)

    def sees(self, *texts: str) -> None:
        for text in texts:
            expect(self.page.locator("main")).to_contain_text(text)

    def sent(self) -> None:
        """The network is there, and everything has gone out: the disk says so, another model hears of it later."""
        self.online(True)
        until(self.page, f"({WAITS})().then((waits) => waits === 0)")

    def online(self, up: bool) -> None:
        """The network comes or goes."""
        self.page.context.set_offline(not up)

    def events(self, visit: str | None = None) -> list[tuple[str, dict[str, Any], str]]:
        """(kind, body, state) of each entry of a visit in the book, which must be sound."""
        place = self.world.own
        with tenancy.open_session(self.world.engines, place.scope) as session:
            found = proof.verify(session, enterprise_id=place.id)
            assert not isinstance(found, Fault), found
            lines = book.entries_of(session, enterprise_id=place.id, visit_id=UUID(visit or self.visits[-1]))
        return [(line.kind, dict(line.body), line.outcome["state"]) for line in lines]

    def kinds(self, visit: str | None = None) -> list[str]:
        return [kind for kind, _, _ in self.events(visit)]


Begins = Callable[..., Guard]
"""What opens a desk at a gate with the rules that are given."""
