"""The publisher's public keys, as they came with the program: a JSON list of JWKs.

The last one is the newest. Any of them counts, so that one can follow another.
"""

from __future__ import annotations

import json
from pathlib import Path

from cloudmatic_link.keys import KeyUnusable, PublicKey


def load(path: Path) -> tuple[PublicKey, ...]:
    """Return the keys in `path`. Raises KeyUnusable: a list that is damaged counts for nothing."""
    try:
        jwks = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise KeyUnusable(type(error).__name__) from error
    if not isinstance(jwks, list):
        raise KeyUnusable("not a list")
    return tuple(map(PublicKey.from_jwk, jwks))
