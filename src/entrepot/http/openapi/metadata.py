"""Schemas of what stands beside the models: the metadata of pages, and refusals (OAPI-5, ERR-1).

They describe little: the vendor's applications keep the document with every reference resolved, so that each of these
stands in it once for each operation.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_COUNT: Schema = {"type": "integer", "format": "int32"}

META: Schema = {
    "type": "object",
    "description": "Where a page stands in its list.",
    "properties": {
        "Page": dict(_COUNT),
        "PageSize": dict(_COUNT),
        "TotalCount": dict(_COUNT),
        "TotalPages": dict(_COUNT),
        "ItemRange": {
            "type": "array",
            "description": "Positions of the first and the last item of the page, from 1.",
            "items": dict(_COUNT),
        },
        "NextPageKey": {
            "type": "string",
            "nullable": True,
            "description": "Value of pageKey for the next page, where the list supports it.",
        },
    },
}

FACET_SCHEMAS: dict[str, Schema] = {
    "MetaWithFacets": {
        **META,
        "properties": {
            **META["properties"],
            "Facets": {
                "type": "array",
                "description": "Counts of the values of faceted extended properties.",
                "items": reference("ListFacet"),
            },
        },
    },
    "ListFacet": {
        "type": "object",
        "description": "A faceted extended property with the values that occur.",
        "properties": {
            "Name": {"type": "string", "description": "Name of the facet."},
            "XpPath": {"type": "string", "description": "Path of the property, without `xp.`"},
            "Values": {"type": "array", "items": reference("ListFacetValue")},
            "xp": {"type": "object", "nullable": True, "description": "Extended properties of the facet."},
        },
    },
    "ListFacetValue": {
        "type": "object",
        "description": "One value of a facet.",
        "properties": {
            "Value": {"type": "string"},
            "Count": {**_COUNT, "description": "Number of items that have the value."},
        },
    },
}

ERROR: Schema = {
    "type": "object",
    "properties": {"ErrorCode": {"type": "string"}, "Message": {"type": "string"}, "Data": {}},
}

ERRORS: Schema = {"type": "object", "properties": {"Errors": {"type": "array", "items": reference("Error")}}}
_TEXT: Schema = {"type": "string"}


def _refusal(description: str, schema: Schema) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


RESPONSES: dict[str, Schema] = {
    "Refused": _refusal("Refused.", reference("Errors")),
    "GrantRefused": _refusal(
        "Refused, as OAuth says it and as everything else does.",
        {
            **ERRORS,
            "properties": {"error": _TEXT, "error_description": _TEXT, **ERRORS["properties"]},
        },
    ),
    "PageRefused": {
        "description": "Refused: a page for the person at the browser, or as everything else does.",
        "content": {
            "text/html": {"schema": _TEXT},
            "application/json": {"schema": reference("Errors")},
        },
    },
}
"""Answers that operations share, by name."""
