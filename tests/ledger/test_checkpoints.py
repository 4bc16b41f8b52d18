"""Checkpoints: what was signed once is found again, and what was signed falsely is not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from gatekeeper import clock, create_app, tenancy
from gatekeeper.config import ROOT, Settings
from gatekeeper.crypto import KeyFault
from gatekeeper.ledger import checkpoints, signer
from gatekeeper.ledger.checkpoints import Refused
from gatekeeper.ledger.models import LedgerCheckpoint, LedgerEntry
from gatekeeper.ledger.witness import Checkpoint, NoWitness, fault, prove, read
from gatekeeper.tenancy import PLATFORM_ID
from gatekeeper.visits.events import EventKind
from tests.conftest import Databases
from tests.factories import World
from tests.ledger.intruder import Intruder
from tests.visits.gate import FEVER, AtGate, publish


@pytest.fixture
def played(world: World) -> AtGate:
    publish(world, world.own, FEVER)
    gate = AtGate(world.engines, world.own)
    gate.arrive()
    gate.temperature(366)
    gate.admit()
    gate.leave()
    return gate


@pytest.fixture
def intruder(databases: Databases) -> Intruder:
    return Intruder(databases)


def made(app: Flask) -> Checkpoint:
    installation = app.extensions["gate"]
    found = checkpoints.make(installation.engines, installation.open_signer(), at=clock.now())
    assert found is not None
    return found


def run(app: Flask, *words: object, ok: bool = True) -> str:
    result = app.test_cli_runner().invoke(args=[str(word) for word in words])
    assert (result.exit_code == 0) is ok, result.output
    return result.output


def report(app: Flask, place: str, file: Path) -> Path:
    day = str(clock.today())
    run(app, "report", place, day, day, "--out", file)
    return file


def test_a_checkpoint_is_made_where_a_head_moved_and_names_the_one_before(command_app: Flask, played: AtGate) -> None:
    first = made(command_app)
    assert made(command_app) == first
    played.send(EventKind.NOTE, {"text": "已通知库房"})
    second = made(command_app)
    assert (first.n, second.n) == (1, 2)
    assert second.said["prev"] == checkpoints.statement_hash(first.statement)
    assert fault(second, command_app.extensions["gate"].open_signer().public_key) is None
    with tenancy.open_session(command_app.extensions["gate"].engines, tenancy.Platform()) as session:
        stored = session.scalars(select(LedgerCheckpoint).order_by(LedgerCheckpoint.n)).all()
    assert [(row.enterprise_id, row.n) for row in stored] == [(PLATFORM_ID, 1), (PLATFORM_ID, 2)]


def test_the_web_server_cannot_open_the_signing_key(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="never opens"):
        app.extensions["gate"].open_signer()
    assert len(app.extensions["gate"].fingerprint) == 64


def test_the_key_and_what_was_signed_are_for_the_owner_alone(
    command_app: Flask, settings: Settings, played: AtGate
) -> None:
    made(command_app)
    folder = settings.signing_key_file.parent
    assert [file.stat().st_mode & 0o777 for file in (settings.signing_key_file, folder / "signed.json")] == [0o600] * 2


@pytest.mark.parametrize("how", ["rewritten", "cut"])
def test_nothing_is_signed_over_a_changed_book(
    command_app: Flask, played: AtGate, intruder: Intruder, how: str
) -> None:
    before = made(command_app)
    _, seq, _ = next(claim for claim in before.claims if claim[0] == str(played.place.id))
    if how == "cut":
        intruder.cut(played.place.id, last=seq - 1)
    else:
        intruder.rewrite(played.place.id, find='"followed"', put='"Followed"')
    with pytest.raises(Refused) as refused:
        made(command_app)
    assert (refused.value.book, refused.value.seq) == (str(played.place.id), seq)
    assert checkpoints.newest(command_app.extensions["gate"].engines).n == before.n  # type: ignore[union-attr]
    assert checkpoints.tick(command_app.extensions["gate"], at=clock.now()) is None
    assert f"{played.place.slug} {seq}" in run(command_app, "ledger", "checkpoint", ok=False)
    assert "MEND checkpoints" in run(command_app, "doctor", ok=False)


def test_after_a_restore_the_loss_is_written_down_and_the_next_checkpoint_goes_on(
    command_app: Flask, played: AtGate, intruder: Intruder, tmp_path: Path
) -> None:
    run(command_app, "ledger", "checkpoint", "--out", tmp_path / "before.json")
    _, seq, _ = next(claim for claim in made(command_app).claims if claim[0] == str(played.place.id))
    intruder.cut(played.place.id, last=seq - 4)
    intruder("DELETE FROM visit_stages", "DELETE FROM visit_occupants", "DELETE FROM visits")
    told = run(command_app, "ledger", "checkpoint", "--after-loss", "硬盘坏了，恢复到昨夜的备份")
    assert f"lost: {played.place.slug} up to entry {seq}" in told and "checkpoint 2" in told
    assert "checkpoint 2" in run(command_app, "ledger", "checkpoint")
    with tenancy.open_session(command_app.extensions["gate"].engines, tenancy.Enterprise(PLATFORM_ID)) as session:
        text = session.scalars(select(LedgerEntry.bytes).order_by(LedgerEntry.seq.desc()).limit(1)).one()
    assert "ledger.lost" in text and "备份" not in text
    assert "missing" in run(command_app, "ledger", "verify", "--against", tmp_path / "before.json", ok=False)


def test_a_book_whose_head_is_not_its_last_entry_is_not_signed(
    command_app: Flask, played: AtGate, intruder: Intruder
) -> None:
    intruder(f"UPDATE ledger_head SET hash = '{'a' * 64}' WHERE seq > 8")
    with pytest.raises(Refused):
        made(command_app)


def test_a_checkpoint_that_the_database_never_got_is_stored_before_the_next(
    command_app: Flask, played: AtGate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(checkpoints, "_store", killed)
        with pytest.raises(KeyboardInterrupt):
            made(command_app)
    assert checkpoints.newest(command_app.extensions["gate"].engines) is None
    played.send(EventKind.NOTE, {"text": "已通知库房"})
    after = made(command_app)
    with tenancy.open_session(command_app.extensions["gate"].engines, tenancy.Platform()) as session:
        stored = session.scalars(select(LedgerCheckpoint).order_by(LedgerCheckpoint.n)).all()
    assert [row.n for row in stored] == [1, 2]
    assert after.said["prev"] == checkpoints.statement_hash(stored[0].statement)


def test_a_missing_key_over_checkpoints_is_a_sentence_and_no_new_key(
    command_app: Flask, settings: Settings, played: AtGate
) -> None:
    made(command_app)
    settings.signing_key_file.unlink()
    with pytest.raises(KeyFault, match="Put the file back"):
        checkpoints.prepare(command_app.extensions["gate"].engines, settings.signing_key_file)
    assert "is missing" in run(command_app, "upgrade", ok=False)
    assert not settings.signing_key_file.exists()


def test_a_cut_tail_is_found_with_a_report(
    command_app: Flask, played: AtGate, intruder: Intruder, tmp_path: Path
) -> None:
    file = report(command_app, played.place.slug, tmp_path / "report.pdf")
    assert "still stands" in run(command_app, "ledger", "verify", "--against", file)
    seq = read(file.read_bytes()).claims[0][1]
    intruder.cut(played.place.id, last=seq - 4)  # the whole visit, with its rows
    intruder("DELETE FROM visit_stages", "DELETE FROM visit_occupants", "DELETE FROM visits")
    run(command_app, "ledger", "verify")  # the planted fault: without a witness nothing is seen
    assert f"{played.place.slug} {seq} missing" in run(command_app, "ledger", "verify", "--against", file, ok=False)


def test_a_history_that_was_rewritten_and_rehashed_is_found(
    command_app: Flask, played: AtGate, intruder: Intruder, tmp_path: Path
) -> None:
    pdf = report(command_app, played.place.slug, tmp_path / "report.pdf")
    run(command_app, "ledger", "checkpoint", "--out", tmp_path / "checkpoint.json")
    intruder.rewrite(played.place.id, find='"stage":"exit"', put='"stage":"exit","x":1')
    for file in (pdf, tmp_path / "checkpoint.json"):
        told = run(command_app, "ledger", "verify", played.place.slug, "--against", file, ok=False)
        assert told.startswith(played.place.slug) and "rewritten" in told


def test_a_checkpoint_of_another_key_or_with_another_head_is_refused(
    command_app: Flask, played: AtGate, tmp_path: Path
) -> None:
    file = tmp_path / "checkpoint.json"
    run(command_app, "ledger", "checkpoint", "--out", file)
    signer.create(tmp_path / "other.key")
    signer.publish(tmp_path / "other.key")
    told = run(command_app, "ledger", "verify", "--against", file, "--public-key", tmp_path / "other.pub", ok=False)
    assert "another key" in told
    data = json.loads(file.read_text())
    data["heads"][0][1] += 1
    file.write_text(json.dumps(data))
    assert "not those that were signed" in run(command_app, "ledger", "verify", "--against", file, ok=False)


def test_a_file_that_is_no_witness_is_a_sentence(command_app: Flask, world: World, tmp_path: Path) -> None:
    for name, data in (("a.json", b"[1]"), ("b.pdf", b"%PDF-1.7 nothing"), ("c", b"\xff\x00"), ("d.json", b"{}")):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(NoWitness):
            read(data)
        assert "no checkpoint" in run(command_app, "ledger", "verify", "--against", tmp_path / name, ok=False)


def test_a_report_of_another_enterprise_proves_nothing_here(
    command_app: Flask, played: AtGate, world: World, tmp_path: Path
) -> None:
    file = report(command_app, played.place.slug, tmp_path / "report.pdf")
    told = run(command_app, "ledger", "verify", world.neighbour.slug, "--against", file, ok=False)
    assert "another enterprise" in told


def test_the_proof_of_one_book_says_nothing_of_the_others(command_app: Flask, played: AtGate, world: World) -> None:
    whole = made(command_app)
    proof = prove(whole.heads or (), str(world.neighbour.id))
    one = Checkpoint(whole.statement, whole.signature, None, None, proof)
    assert fault(one, command_app.extensions["gate"].open_signer().public_key) is None
    assert [claim[0] for claim in one.claims] == [str(world.neighbour.id)]


def script(*words: object) -> tuple[int, str]:
    """``scripts/verify-ledger`` in a process of its own, in which no module of the program can be found."""
    command = [sys.executable, "-I", str(ROOT / "scripts" / "verify-ledger"), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    return done.returncode, done.stdout + done.stderr


def test_an_export_is_verified_without_the_program(
    command_app: Flask, played: AtGate, settings: Settings, tmp_path: Path
) -> None:
    export, key = tmp_path / "book.jsonl", signer.public_file(settings.signing_key_file)
    pdf = report(command_app, played.place.slug, tmp_path / "report.pdf")
    played.send(EventKind.NOTE, {"text": "已通知库房"})
    run(command_app, "ledger", "export", played.place.slug, "--out", export)
    lines = export.read_text(encoding="utf-8").splitlines()
    assert script(export, "--key", key) == (
        0,
        f"sound: {len(lines) - 1} entries of book {played.place.id}, checkpoint 2\n",
    )
    assert script(export, "--key", key, "--against", pdf)[0] == 0
    assert "19900001234" not in export.read_text() and "张伟强" not in export.read_text()

    def told(changed: list[str], *more: object) -> str:
        (tmp_path / "changed.jsonl").write_text("\n".join(changed) + "\n", encoding="utf-8")
        code, words = script(tmp_path / "changed.jsonl", "--key", key, *more)
        assert code == 1 and "Traceback" not in words
        return words

    at = next(number for number, line in enumerate(lines) if "followed" in line)
    assert f"entry {at + 1}: changed" in told(
        [*lines[:at], lines[at].replace("followed", "Followed"), *lines[at + 1 :]]
    )
    assert f"entry {at + 1}: missing" in told([*lines[:at], *lines[at + 1 :]])
    assert "entry" in told([*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]])
    assert "was cut" in told([*lines[:-2], lines[-1]])
    assert "without a checkpoint" in told(lines[:-1])
    cut = len(lines) - 4
    assert "was cut" in told(lines[:cut], "--against", pdf)
    signer.create(tmp_path / "other.key")
    signer.publish(tmp_path / "other.key")
    assert "does not fit this key" in script(export, "--key", tmp_path / "other.pub")[1]


def test_the_script_imports_nothing_of_the_program() -> None:
    text = (ROOT / "scripts" / "verify-ledger").read_text(encoding="utf-8")
    assert "import gatekeeper" not in text and "from gatekeeper" not in text


def test_the_web_prints_the_enterprises_own_checkpoint_where_it_reaches_far_enough(
    command_app: Flask, app: Flask, played: AtGate, tmp_path: Path
) -> None:
    report(command_app, played.place.slug, tmp_path / "report.pdf")
    own = read((tmp_path / "report.pdf").read_bytes())

    def covering(seq: int) -> Checkpoint | None:
        with tenancy.open_session(app.extensions["gate"].engines, played.place.scope) as session:
            return checkpoints.covering(session, enterprise_id=played.place.id, seq=seq, key=own.key)

    assert covering(own.claims[0][1]) == own
    assert covering(own.claims[0][1] + 1) is None


def test_a_program_for_the_web_has_no_way_to_the_private_key(settings: Settings, command_app: Flask) -> None:
    web = create_app(settings, command_line=False, testing=True)
    assert web.extensions["gate"].command_line is False
    web.extensions["gate"].engines.dispose()
