"""The bare endpoint of S1 and S2: token look-up, row lock, one insert, one update, commit; nothing tuned down."""

from __future__ import annotations

import os
import time

from flask import Flask, request
from sqlalchemy import ForeignKey, String, create_engine, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Token(Base):
    __tablename__ = "bare_tokens"
    token: Mapped[str] = mapped_column(String(43), primary_key=True)


class Truck(Base):
    __tablename__ = "bare_trucks"
    id: Mapped[int] = mapped_column(primary_key=True)
    notes: Mapped[int] = mapped_column(default=0)


class Note(Base):
    __tablename__ = "bare_notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    truck_id: Mapped[int] = mapped_column(ForeignKey("bare_trucks.id"))
    text: Mapped[str] = mapped_column(String(200))
    at: Mapped[float]


url = os.environ["BARE_URL"]
if "postgresql" in url:
    url = url.replace("gate_app", "gate_owner")
engine = create_engine(url, pool_size=8)
if url.startswith("sqlite"):

    @event.listens_for(engine, "connect")
    def pragmas(connection, _record) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


Base.metadata.create_all(engine, checkfirst=True)
with Session(engine) as session:
    if session.get(Token, "t" * 43) is None:
        session.add(Token(token="t" * 43))
        session.add_all(Truck(id=number) for number in range(64))
        session.commit()
app = Flask(__name__)


@app.get("/healthz")
def healthz() -> str:
    return "ok"


@app.post("/record/<int:number>")
def record(number: int) -> tuple[str, int]:
    with Session(engine) as session:
        if session.get(Token, request.form["token"]) is None:
            return "no", 401
        truck = session.scalars(select(Truck).where(Truck.id == number).with_for_update()).one()
        session.add(Note(truck_id=number, text=request.form["text"], at=time.time()))
        truck.notes += 1
        session.commit()
    return "ok", 200
