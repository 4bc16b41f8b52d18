"""What gunicorn and ``flask`` find."""

from gatekeeper import create_app

app = create_app()
