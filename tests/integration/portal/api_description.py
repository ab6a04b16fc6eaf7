"""docs/openapi.yaml, and whether an answer is as it says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
import schemathesis
from schemathesis.config import SchemathesisConfig

DESCRIPTION: Final = Path(__file__).parents[3] / "docs" / "openapi.yaml"
_CONFIG: Final = SchemathesisConfig.from_dict(
    {
        # It holds unknown members for a fault, which are ignored here on purpose.
        "generation": {"allow-extra-parameters": False},
        "checks": {
            "negative_data_rejection": {
                "expected-statuses": [400, 401, 403, 404, 405, 409, 413, 415, 429]
            }
        },
    }
)
SCHEMA: Final = schemathesis.openapi.from_path(DESCRIPTION, config=_CONFIG)
_DOCUMENT: Final[dict[str, Any]] = SCHEMA.raw_schema
_METHODS: Final = frozenset({"get", "post", "put", "patch", "delete"})


def operations() -> dict[tuple[str, str], dict[str, Any]]:
    """What is described, by method and path."""
    return {
        (method.upper(), path): operation
        for path, operations in _DOCUMENT["paths"].items()
        for method, operation in operations.items()
        if method in _METHODS
    }


def statuses() -> set[tuple[str, str, int]]:
    """Every answer that is described: method, path, status."""
    return {
        (method, path, int(status))
        for (method, path), operation in operations().items()
        for status in operation["responses"]
    }


def require(operation: tuple[str, str], status: int, headers: Mapping[str, str], body: str) -> None:
    """Fails unless an answer with this status, these headers and this body is described."""
    response = _resolved(operations()[operation]["responses"][str(status)])
    for name, header in response.get("headers", {}).items():
        _check(_resolved(header), headers.get(name), f"{operation} {status} {name}")
    contents = response.get("content", {})
    if not contents:
        assert body == "", f"{operation} {status} has a body"
        return
    media_type = headers["Content-Type"].partition(";")[0]
    assert media_type in contents, f"{operation} {status} came as {media_type}"
    _validator(contents[media_type]["schema"]).validate(json.loads(body))


def validator_of(name: str) -> jsonschema_rs.Draft202012Validator:
    """For documents of the schema `name`."""
    return _validator({"$ref": f"#/components/schemas/{name}"})


def _check(header: dict[str, Any], value: str | None, what: str) -> None:
    if value is None:
        assert not header.get("required"), f"{what} is missing"
        return
    typed = int(value) if header["schema"].get("type") == "integer" else value
    _validator(header["schema"]).validate(typed)


def _resolved(part: dict[str, Any]) -> dict[str, Any]:
    found: Any = part
    while "$ref" in found:
        path = found["$ref"].removeprefix("#/").split("/")
        found = _DOCUMENT
        for step in path:
            found = found[step]
    resolved: dict[str, Any] = found
    return resolved


def _validator(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        schema | {"components": _DOCUMENT["components"]}, validate_formats=True
    )
