"""The console: what people see at `/`, as it was built from `console/` (`make console`)."""

from entrepot.http.console.page import routes

__all__ = ["routes"]
