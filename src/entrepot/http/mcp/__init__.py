"""The Model Context Protocol at /mcp: operations as tools of an assistant, for whom a token stands (docs/guide/mcp.md).

One POST is one exchange: without sessions and streams, nothing outlives a request. Only `speaking.py` knows the protocol's own
library, which is loaded when the first assistant asks.
"""

from entrepot.http.mcp.endpoint import PATH, routes

__all__ = ["PATH", "routes"]
