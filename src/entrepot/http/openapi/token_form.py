"""The form of `POST /oauth/token`, the one body that is no JSON (AUTH-2)."""

from __future__ import annotations

from typing import Any

TOKEN_PATH = "/oauth/token"  # noqa: S105  (an address)

_TEXT = {"type": "string"}

TOKEN_FORM: dict[str, Any] = {
    "required": True,
    "content": {
        "application/x-www-form-urlencoded": {
            "schema": {
                "type": "object",
                "properties": {
                    "grant_type": {
                        "type": "string",
                        "enum": ["password", "client_credentials", "refresh_token"],
                        "description": "How to log in: as a person, as a program, or again.",
                    },
                    "client_id": {**_TEXT, "description": "ID of the API client."},
                    "client_secret": {**_TEXT, "description": "Needed if the API client has a secret."},
                    "username": {**_TEXT, "description": "For grant_type password."},
                    "password": {
                        "type": "string",
                        "format": "password",
                        "description": "For grant_type password; a one-time password will do.",
                    },
                    "refresh_token": {**_TEXT, "description": "For grant_type refresh_token."},
                    "anonuserid": {**_TEXT, "description": "Names an anonymous shopper in the token."},
                    "scope": {
                        **_TEXT,
                        "description": "Roles for the token, with spaces between; without it, all that the user has.",
                    },
                },
                "required": ["grant_type", "client_id"],
            }
        }
    },
}
