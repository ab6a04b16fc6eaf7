"""Keys: read strictly from whatever lies on a hub's card or arrives at the portal."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_link.keys import HubKey, KeyUnusable, PublicKey
from tests.factories import base64url, hub_key, private_key

# RFC 8037, appendix A.1 and A.3.
RFC_X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
RFC_JWK = {"kty": "OKP", "crv": "Ed25519", "x": RFC_X}
RFC_THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"

# libsodium's list of points of small order, without their sign bit, by how they begin.
_TAIL = "ff" * 30 + "7f"
SMALL_ORDER = {
    "00": bytes(32),
    "01": bytes([1]) + bytes(31),
    "ec": bytes.fromhex("ec" + _TAIL),
    "ed": bytes.fromhex("ed" + _TAIL),
    "ee": bytes.fromhex("ee" + _TAIL),
    "26e8958fc2b2": bytes.fromhex(
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
    ),
    "c7176a703d4d": bytes.fromhex(
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
    ),
}

PLAIN = NoEncryption()
PEM = hub_key().to_pem()


def pem(key: Any, form: PrivateFormat = PrivateFormat.PKCS8) -> bytes:
    content: bytes = key.private_bytes(Encoding.PEM, form, PLAIN)
    return content


def of_an_unknown_algorithm() -> bytes:
    der = private_key().private_bytes(Encoding.DER, PrivateFormat.PKCS8, PLAIN)
    strange = der.replace(bytes.fromhex("2b6570"), bytes.fromhex("2b657f"))
    body = base64.b64encode(strange)
    return b"-----BEGIN PRIVATE KEY-----\n" + body + b"\n-----END PRIVATE KEY-----\n"


UNUSABLE: dict[str, Callable[[], bytes]] = {
    "rsa": lambda: pem(rsa.generate_private_key(65537, 2048)),
    "pkcs1": lambda: pem(rsa.generate_private_key(65537, 2048), PrivateFormat.TraditionalOpenSSL),
    "p-256": lambda: pem(ec.generate_private_key(ec.SECP256R1())),
    "ed448": lambda: pem(ed448.Ed448PrivateKey.generate()),
    "x25519": lambda: pem(x25519.X25519PrivateKey.generate()),
    "unknown algorithm": of_an_unknown_algorithm,
    "encrypted": lambda: private_key().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")
    ),
    "openssh": lambda: pem(private_key(), PrivateFormat.OpenSSH),
    "der": lambda: private_key().private_bytes(Encoding.DER, PrivateFormat.PKCS8, PLAIN),
    "raw": lambda: private_key().private_bytes_raw(),
    "public": lambda: private_key().public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    ),
    "ssh public": lambda: private_key().public_key().public_bytes(
        Encoding.OpenSSH, PublicFormat.OpenSSH
    ),
    "empty": lambda: b"",
    "line ends": lambda: b"\n\n",
    "zeros": lambda: bytes(119),
    "binary": lambda: bytes(range(256)),
    "header only": lambda: b"-----BEGIN PRIVATE KEY-----\n",
    "no key inside": lambda: b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    "utf-16": lambda: PEM.decode().encode("utf-16"),
}  # fmt: skip


@pytest.mark.parametrize("kind", UNUSABLE)
def test_a_file_that_is_no_ed25519_key_in_pem_is_unusable_and_nothing_else(kind: str) -> None:
    with pytest.raises(KeyUnusable):
        HubKey.from_pem(UNUSABLE[kind]())


@pytest.mark.fault("damaged file", "a key cut at any byte is unusable or the same key")
def test_a_key_file_cut_at_any_byte_is_unusable_or_still_the_same_key() -> None:
    usable = set()
    for length in range(len(PEM)):
        try:
            usable.add(HubKey.from_pem(PEM[:length]).key_id)
        except KeyUnusable:
            continue
    assert usable <= {hub_key().key_id}


@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_of_keys_fail_in_another_way(content: bytes) -> None:
    for each in (content, PEM[:30] + content + PEM[30:], content + PEM):
        try:
            HubKey.from_pem(each)
        except KeyUnusable:
            continue


def test_a_key_is_the_same_after_a_night_on_the_card() -> None:
    key = HubKey.generate()
    assert HubKey.from_pem(key.to_pem()).key_id == key.key_id
    assert key.to_pem().startswith(b"-----BEGIN PRIVATE KEY-----")


def test_two_new_keys_differ() -> None:
    assert HubKey.generate().key_id != HubKey.generate().key_id


def test_a_key_shows_only_its_id() -> None:
    key = hub_key()
    secret = private_key().private_bytes_raw()
    assert repr(key) == str(key) == f"HubKey({key.key_id})"
    assert base64url(secret) not in f"{key!r}{key}"


def test_the_public_half_holds_no_private_part() -> None:
    assert hub_key().public.to_jwk().keys() == {"kty", "crv", "x"}
    with pytest.raises(KeyUnusable):
        HubKey(hub_key().public.jwk)


def test_the_key_id_is_the_published_thumbprint_of_rfc_8037() -> None:
    assert PublicKey.from_jwk(RFC_JWK).key_id == RFC_THUMBPRINT
    assert PublicKey.from_jwk(RFC_JWK | {"kid": "x", "use": "enc"}).key_id == RFC_THUMBPRINT


@given(st.binary(min_size=32, max_size=32))
def test_a_public_key_goes_through_jwk_unchanged(seed: bytes) -> None:
    raw = public_bytes_of(seed)
    key = PublicKey.from_bytes(raw)
    assert PublicKey.from_jwk(key.to_jwk()).to_bytes() == raw
    assert key.to_jwk() == {"kty": "OKP", "crv": "Ed25519", "x": base64url(raw)}


def public_bytes_of(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


@pytest.mark.parametrize(
    "changes",
    [
        {"d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}, {"d": None}, {"d": ""},
        {"kty": "EC"}, {"kty": "oct", "k": RFC_X}, {"kty": None}, {"kty": ["OKP"]},
        {"crv": "Ed448"}, {"crv": "X25519"}, {"crv": "ed25519"}, {"crv": None}, {"crv": {}},
        {"x": None}, {"x": 1}, {"x": [RFC_X]}, {"x": ""}, {"x": RFC_X[:-1]}, {"x": RFC_X + "A"},
        {"x": RFC_X + "="}, {"x": " " + RFC_X[1:]}, {"x": RFC_X[:-1] + "\n"}, {"x": "é" * 43},
        {"x": RFC_X[:-1] + "="}, {"x": RFC_X[:-2] + "=="}, {"x": "+" + RFC_X[1:]},
        {"x": "/" + RFC_X[1:]}, {"x": RFC_X[:-1] + "p"}, {"x": RFC_X.encode()},
    ],
    ids=repr,
)  # fmt: skip
def test_a_jwk_that_is_no_public_ed25519_key_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(KeyUnusable):
        PublicKey.from_jwk(RFC_JWK | changes)


@pytest.mark.parametrize("jwk", [None, "", RFC_X, 1, [], [RFC_JWK], {}, {"x": RFC_X}, True])
def test_something_else_than_a_jwk_is_refused(jwk: object) -> None:
    with pytest.raises(KeyUnusable):
        PublicKey.from_jwk(jwk)


@given(st.binary(max_size=80).filter(lambda raw: len(raw) != 32))
def test_a_public_key_has_32_bytes(raw: bytes) -> None:
    with pytest.raises(KeyUnusable):
        PublicKey.from_bytes(raw)


@pytest.mark.parametrize("y", ["00", "01", "ec", "ed", "ee", "26e8958fc2b2", "c7176a703d4d"])
@pytest.mark.parametrize("sign", [0, 0x80])
def test_a_key_that_anybody_could_sign_for_is_refused(y: str, sign: int) -> None:
    raw = bytearray(SMALL_ORDER[y])
    raw[31] |= sign
    with pytest.raises(KeyUnusable):
        PublicKey.from_bytes(bytes(raw))
