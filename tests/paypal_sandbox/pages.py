"""The page where a customer approves, in the sandbox's plain clothes."""

from __future__ import annotations

from html import escape

from aiohttp import web

from tests.paypal_sandbox.ledger import Order, Subscription

_PAGE = """<!doctype html>
<html lang="de"><head><meta charset="utf-8"><title>PayPal (Sandbox)</title>
<link rel="icon" href="data:,"></head>
<body><main><h1>PayPal (Sandbox)</h1>
<p>{what}: <strong>{amount}</strong></p>
<form method="post" action="/checkoutnow"><input type="hidden" name="token" value="{token}">
<button type="submit">Zustimmen und zahlen</button></form>
<p><a href="{cancel}">Abbrechen und zurück zu CloudMatic</a></p></main></body></html>"""


def approval(paypal_id: str, known: Order | Subscription) -> web.Response:
    if isinstance(known, Order):
        what, amount = known.unit["description"], known.unit["amount"]
    else:
        what, amount = "Abonnement, erste Zahlung", known.setup_fee
    page = _PAGE.format(
        what=escape(what),
        amount=escape(f"{amount['value']} {amount['currency_code']}"),
        token=escape(paypal_id),
        cancel=escape(known.cancel_url),
    )
    return web.Response(text=page, content_type="text/html")
