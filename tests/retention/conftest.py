from __future__ import annotations

import pytest

from gatekeeper.config import Settings
from gatekeeper.db import Engines
from tests.retention.given import Later


@pytest.fixture
def later(platform: Engines, settings: Settings) -> Later:
    """The installation on a later day."""
    return Later(platform, settings)
