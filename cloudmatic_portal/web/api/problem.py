"""Errors of the API (RFC 9457): `type` and `reason` never change, `title` may."""

from __future__ import annotations

import json
from typing import Final

from aiohttp import web

from cloudmatic_link import errors as link
from cloudmatic_portal.domain import errors

_TYPE: Final = "urn:cloudmatic:problem:"

_REFUSALS: Final[dict[type[Exception], tuple[int, str]]] = {
    errors.RequestMalformed: (400, "The request is not as agreed"),
    errors.FormExpected: (415, "The request must be application/x-www-form-urlencoded"),
    errors.CredentialsRefused: (401, "CloudMatic-ID and user key do not belong together"),
    errors.KeyElsewhere: (409, "Another hub or account has enrolled this key"),
    errors.RevokedKey: (403, "The key has been revoked"),
    errors.UnknownKey: (401, "No hub has enrolled this key"),
    errors.HubMismatch: (403, "The key belongs to another hub"),
    errors.AccountMismatch: (403, "The key's hub is linked to another account"),
    errors.TooManyAttempts: (429, "Too many failed attempts; see Retry-After"),
    errors.GatewayRefused: (401, "The request needs the token of a gateway"),
    errors.PairingPending: (400, "Nobody has confirmed yet"),
    errors.PairingTooFast: (400, "Nobody has confirmed yet, and this is asked too often"),
    errors.PairingExpired: (400, "The code has expired"),
    errors.PairingRefused: (400, "The customer has refused"),
    errors.NoRelease: (404, "No release has been published"),
    errors.PayPalNotOffered: (404, "This portal takes no payments by PayPal"),
    errors.WebhookRefused: (400, "The webhook is not PayPal's, or not as agreed"),
    errors.WebhookUncheckable: (503, "Nobody can tell at present whether the webhook is PayPal's"),
    link.Malformed: (400, "The token cannot be read"),
    link.WrongAlgorithm: (400, "The token is not signed with Ed25519"),
    link.WrongType: (400, "The token was made for another purpose"),
    link.BadSignature: (401, "The token's signature is wrong"),
    link.BadClaim: (400, "A claim of the token is missing or wrong"),
    link.WrongAudience: (401, "The token was made for another portal"),
    link.Expired: (401, "The token has expired"),
    link.NotYetValid: (401, "The token was made in the future"),
}
_HTTP: Final = {
    400: ("bad-request", "The request cannot be read"),
    401: ("token-missing", "The request needs a bearer token"),
    404: ("not-found", "There is nothing at this address"),
    405: ("method-not-allowed", "The address does not take this method"),
    413: ("too-large", "The request is too large"),
    415: ("not-json", "The request must be application/json"),
    503: ("overloaded", "Too many requests at once; see Retry-After"),
    500: ("internal-error", "Something went wrong on our side"),
}


def of(error: link.TokenError | errors.PortalError, *, bearer: bool = False) -> web.Response:
    """The problem for a refusal; says which member or claim, if that is the reason.

    `bearer`: the token stood in the header. One that cannot be read is a request without
    authority then, not a wrong one (RFC 6750, section 3.1).
    """
    status, title = _REFUSALS.get(type(error), (400, "The request was refused"))
    if bearer and status == 400 and isinstance(error, link.TokenError):
        status = 401
    more = {
        name: value
        for name, value in vars(error).items()
        if name in {"member", "claim"} and isinstance(value, str)
    }
    if isinstance(error, errors.PairingError):
        # RFC 8628, section 3.5: as OAuth answers, with its own word and media type.
        more["error"] = error.error
    response = _problem(status, error.reason, title, more)
    if isinstance(error, errors.PairingError):
        response.content_type = "application/json"
    if isinstance(error, errors.TooManyAttempts):
        response.headers["Retry-After"] = str(error.seconds)
    return response


def for_status(status: int) -> web.Response:
    reason, title = _HTTP.get(status, _HTTP[500] if status >= 500 else _HTTP[400])
    return _problem(status, reason, title, {})


def _problem(status: int, reason: str, title: str, more: dict[str, str]) -> web.Response:
    body = {"type": _TYPE + reason, "title": title, "status": status, "reason": reason}
    response = web.Response(
        status=status,
        body=json.dumps(body | more).encode("ascii"),
        content_type="application/problem+json",
    )
    if status == 401:
        challenge = "" if reason == "token-missing" else ' error="invalid_token"'
        response.headers["WWW-Authenticate"] = f"Bearer{challenge}"
    return response
