"""A gate where a truck came in, the program that its report is asked of, and the admin who asks."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import World, client_for
from tests.visits.gate import FEVER, AtGate, publish


@pytest.fixture
def played(world: World) -> AtGate:
    publish(world, world.own, FEVER)
    gate = AtGate(world.engines, world.own)
    gate.arrive()
    gate.temperature(366)
    gate.admit()
    return gate


@pytest.fixture
def installation(command_app: Flask) -> Any:
    return command_app.extensions["gate"]


@pytest.fixture
def admin(app: Flask, played: AtGate) -> FlaskClient:
    return client_for(app, played.place.admin)
