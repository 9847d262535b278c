"""The reference page at /docs: Swagger UI over the server's own OpenAPI document, all from this server."""

from entrepot.http.docs.page import routes

__all__ = ["routes"]
