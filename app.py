"""What gunicorn and ``flask`` find. A start that cannot be made says why in one sentence."""

from gatekeeper import create_app
from gatekeeper.config import SettingsError
from gatekeeper.crypto import KeyFault
from gatekeeper.schema import SchemaFault

try:
    app = create_app()
except (SettingsError, SchemaFault, KeyFault) as fault:
    raise SystemExit(f"GateKeeper: {fault}") from None
