"""The service: the API and the pages behind one guard. `create_app` makes it, `serve` runs it."""

from rarescale.service.app import create_app
from rarescale.service.logs import set_up_logs
from rarescale.service.running import bind, serve
from rarescale.service.settings import ServiceSettings

__all__ = ["ServiceSettings", "bind", "create_app", "serve", "set_up_logs"]
