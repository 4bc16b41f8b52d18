"""What gunicorn and ``flask`` find. A start that cannot be made says why in one sentence."""

import gc
import sys
from time import sleep

from sqlalchemy.exc import SQLAlchemyError

from gatekeeper import create_app, outages
from gatekeeper.config import SettingsError
from gatekeeper.crypto import KeyFault
from gatekeeper.schema import SchemaFault


def start():
    """The application; waits for a database that is down, since one restarts while the other does."""
    told = None
    while True:
        try:
            return create_app()
        except (SettingsError, SchemaFault, KeyFault) as fault:
            raise SystemExit(f"GateKeeper: {fault}") from None
        except SQLAlchemyError as fault:
            outage = outages.of(fault)
            if outage is None:
                raise
            why = str(getattr(fault, "orig", fault)).partition("\n")[0]
            if why != told:
                print(f"GateKeeper waits: {outage.title.en} ({why})", file=sys.stderr, flush=True)
            told = why
            sleep(1)


app = start()
# What a start makes stays, and so do the folded visits that a process keeps: looking through them all for garbage again
# and again took a thirteenth of what a batch takes.
gc.freeze()
gc.set_threshold(10_000, 20, 100)
