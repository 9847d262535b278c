"""The OpenAPI 3.0 document of the API, written from the registry (conventions section 14)."""

from entrepot.http.openapi.document import API_VERSION, document, render
from entrepot.http.openapi.endpoint import PATH, routes

__all__ = ["API_VERSION", "PATH", "document", "render", "routes"]
