"""Tokens made to confuse a verifier: every one is truly signed, unless it says otherwise."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448
from joserfc import jws
from joserfc.jwk import OctKey

from cloudmatic_link import signing
from cloudmatic_link.claims import BookingLink
from cloudmatic_link.errors import (
    BadClaim,
    BadSignature,
    Malformed,
    TokenError,
    WrongAlgorithm,
    WrongType,
)
from tests.factories import (
    NOW,
    PORTAL,
    base64url,
    booking_link,
    compact,
    header,
    hub_key,
    private_key,
)

KEY = hub_key()
PAYLOAD = booking_link().to_payload()
TEXT = json.dumps(PAYLOAD)


def refused(token: str, kind: type[TokenError]) -> None:
    with pytest.raises(kind) as error:
        signing.verify(token, BookingLink, KEY.public, audience=PORTAL, now=NOW)
    assert type(error.value) is kind


def test_the_tools_of_these_tests_make_a_good_token() -> None:
    token = compact(head=header(), payload=PAYLOAD)
    assert (
        signing.verify(token, BookingLink, KEY.public, audience=PORTAL, now=NOW) == booking_link()
    )


@pytest.mark.parametrize(
    "algorithm",
    ["none", "None", "NONE", "", "HS256", "HS512", "RS256", "ES256", "EdDSA", "Ed448", "ed25519",
     "Ed25519 ", None, True, 1, ["Ed25519"], {"alg": "Ed25519"}],
)  # fmt: skip
def test_any_other_algorithm_is_refused_however_it_is_signed(algorithm: object) -> None:
    refused(compact(head=header(alg=algorithm), payload=PAYLOAD), WrongAlgorithm)


def test_a_token_without_signature_is_no_token() -> None:
    unsigned = compact(head=header(alg="none"), payload=PAYLOAD).rpartition(".")[0]
    refused(f"{unsigned}.", Malformed)
    refused(unsigned, Malformed)


@pytest.mark.parametrize("algorithm", ["HS256", "Ed25519"])
def test_the_public_key_is_no_shared_secret(algorithm: str) -> None:
    public = private_key().public_key()
    pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    jwk = json.dumps(KEY.public.to_jwk()).encode()
    for secret in (KEY.public.to_bytes(), pem, jwk):
        signed = (
            f"{base64url(json.dumps(header(alg=algorithm)).encode())}.{base64url(TEXT.encode())}"
        )
        for digest in (hashlib.sha256, hashlib.sha512):
            mac = hmac.new(secret, signed.encode(), digest).digest()
            padded = f"{signed}.{base64url(mac.ljust(64, bytes(1)))}"
            refused(padded, WrongAlgorithm if algorithm == "HS256" else BadSignature)


def test_a_true_hs256_token_is_too_short_to_be_looked_at() -> None:
    secret = OctKey.import_key(KEY.public.to_bytes())
    token = jws.serialize_compact(header(alg="HS256"), TEXT, secret, algorithms=["HS256"])
    refused(token, Malformed)


def test_keys_of_other_curves_cannot_stand_in() -> None:
    signed = compact(head=header(), payload=PAYLOAD).rpartition(".")[0]
    ed448_signature = ed448.Ed448PrivateKey.generate().sign(signed.encode())
    es256 = ec.generate_private_key(ec.SECP256R1()).sign(signed.encode(), ec.ECDSA(hashes.SHA256()))
    refused(f"{signed}.{base64url(ed448_signature[:64])}", BadSignature)
    refused(f"{signed}.{base64url(ed448_signature)}", Malformed)
    refused(f"{signed}.{base64url(es256[:64])}", BadSignature)


@pytest.mark.parametrize(
    "extra",
    [
        {"crit": ["exp"]}, {"crit": []}, {"b64": False}, {"b64": True, "crit": ["b64"]},
        {"jwk": hub_key(1).public.to_jwk()}, {"jku": "https://evil.example/keys"}, {"x5c": []},
        {"x5u": "https://evil.example"}, {"cty": "JWT"}, {"zip": "DEF"}, {"enc": "A128GCM"},
    ],
    ids=repr,
)  # fmt: skip
def test_a_header_may_name_a_key_of_ours_and_do_nothing_else(extra: dict[str, Any]) -> None:
    refused(compact(head=header() | extra, payload=PAYLOAD), Malformed)


@pytest.mark.parametrize("name", ["alg", "typ", "kid"])
def test_every_member_of_the_header_must_be_there(name: str) -> None:
    head = {key: value for key, value in header().items() if key != name}
    # Without `alg` the library itself calls it undecodable.
    kinds = {"alg": Malformed, "typ": WrongType, "kid": Malformed}
    refused(compact(head=head, payload=PAYLOAD), kinds[name])


@pytest.mark.parametrize(
    "key_id",
    [None, 1, "", [KEY.key_id], KEY.key_id + "\n", KEY.key_id[:-1], "../../etc/passwd", "' OR 1=1"],
)
def test_a_key_id_of_another_form_is_never_looked_up(key_id: object) -> None:
    token = compact(head=header(kid=key_id), payload=PAYLOAD)
    refused(token, Malformed)
    with pytest.raises(Malformed):
        signing.read(token, BookingLink)


def test_another_key_id_than_the_keys_is_a_bad_signature() -> None:
    refused(compact(head=header(kid=hub_key(1).key_id), payload=PAYLOAD), BadSignature)


@pytest.mark.parametrize("kind", ["JWT", "booking-link", "BOOKING-LINK+JWT", None, 1, ["x"]])
def test_the_type_is_compared_whole(kind: object) -> None:
    refused(compact(head=header(typ=kind), payload=PAYLOAD), WrongType)


@pytest.mark.parametrize(
    "head",
    [b"[]", b"null", b"1", b'"Ed25519"', b"{", b"\xff\xfe", b"{}", b"[" * 290, b'{"a":' * 58],
    ids=repr,
)
def test_a_header_that_is_no_json_object_is_malformed(head: bytes) -> None:
    refused(compact(head=head, payload=PAYLOAD), Malformed)


def test_a_header_that_names_a_member_twice_is_malformed() -> None:
    text = json.dumps(header())
    twice = f'{{"alg":"none",{text[1:]}'
    refused(compact(head=twice.encode(), payload=PAYLOAD), Malformed)


@pytest.mark.parametrize(
    "payload",
    [
        b"[]", b"null", b"1", b'"x"', b"{", b"{}x", b"\x80", b"NaN", b"Infinity",
        f'{{"iat":NaN,{TEXT[1:]}'.encode(), f'{{"sub":"1","sub":"4711",{TEXT[1:]}'.encode(),
        f'{{"product":"connect",{TEXT[1:]}'.encode(), f'{{"x":{{"a":1,"a":2}},{TEXT[1:]}'.encode(),
        b"[" * 1190, b'{"a":' * 238, b"1" * 1190,
        TEXT.encode("utf-16"), TEXT.encode("utf-32-le"), b"\xef\xbb\xbf" + TEXT.encode(),
        f'{{"x":-Infinity,{TEXT[1:]}'.encode(),
    ],
    ids=lambda value: repr(value)[:30],
)  # fmt: skip
def test_a_payload_that_two_readers_could_read_differently_is_malformed(payload: bytes) -> None:
    refused(compact(head=header(), payload=payload), Malformed)


def test_a_float_or_an_exponent_is_no_date() -> None:
    for number in ("1e9", "1764000000.0", "1e400"):
        text = TEXT.replace(str(PAYLOAD["iat"]), number)
        refused(compact(head=header(), payload=text.encode()), BadClaim)


def test_every_part_has_one_spelling_in_base64() -> None:
    token = compact(head=header(), payload=PAYLOAD)
    head, payload, signature = token.split(".")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for letter in letters.replace(signature[-1], ""):
        with pytest.raises(TokenError):
            signing.verify(token[:-1] + letter, BookingLink, KEY.public, audience=PORTAL, now=NOW)
    for padded in (f"{head}=.{payload}.{signature}", f"{head}.{payload}.{signature}=="):
        refused(padded, Malformed)


def test_a_signed_part_in_another_spelling_of_base64_is_malformed() -> None:
    for head, payload in ((b'{"alg":1}', b"{}"), (json.dumps(header()).encode(), TEXT.encode())):
        spelled = base64url(payload + b" " * (-len(payload) % 3 + 1))
        loose = spelled[:-1] + chr(ord(spelled[-1]) + 1)
        signed = f"{base64url(head)}.{loose}"
        token = f"{signed}.{base64url(private_key().sign(signed.encode()))}"
        with pytest.raises((Malformed, WrongAlgorithm)):
            signing.verify(token, BookingLink, KEY.public, audience=PORTAL, now=NOW)


def test_a_token_that_is_too_long_is_not_looked_at() -> None:
    filler = "x" * signing.MAX_LENGTH
    refused(compact(head=header(), payload=PAYLOAD | {"x": filler}), Malformed)
    refused("A" * 1_000_000, Malformed)


@pytest.mark.parametrize("text", ["\n", " ", "\x00", ".", ".x", "\u2028", "é"])
def test_nothing_may_follow_or_lead_a_token(text: str) -> None:
    token = compact(head=header(), payload=PAYLOAD)
    refused(token + text, Malformed)
    refused(text + token, Malformed)


def test_json_serialisations_are_no_tokens() -> None:
    head, payload, signature = compact(head=header(), payload=PAYLOAD).split(".")
    document = {"protected": head, "payload": payload, "signature": signature}
    refused(json.dumps(document), Malformed)


def test_an_expired_forgery_learns_nothing_but_that_it_is_forged() -> None:
    token = compact(head=header(), payload=PAYLOAD, key=private_key(1))
    with pytest.raises(BadSignature):
        signing.verify(
            token, BookingLink, KEY.public, audience="https://x", now=NOW + timedelta(days=9)
        )
