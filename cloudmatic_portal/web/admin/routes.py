"""Every address of the operators, and who reaches it."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from cloudmatic_portal.domain.operator import ROLES, Role
from cloudmatic_portal.web.admin import (
    accounts,
    actions,
    audit,
    balance,
    catalogue,
    legal,
    login,
    mails,
    orders,
    overview,
    product_texts,
    statements,
    voucher_batches,
    vouchers,
    webhooks,
    work_list,
)
from cloudmatic_portal.web.admin.asking import ask, do
from cloudmatic_portal.web.admin.guard import LOGIN, Page, routes
from cloudmatic_portal.web.i18n import N_
from cloudmatic_portal.web.places import ADMIN

EVERYBODY: Final[frozenset[Role]] = frozenset(ROLES)
SUPPORT: Final[frozenset[Role]] = frozenset({"support", "admin"})
ACCOUNTING: Final[frozenset[Role]] = frozenset({"accounting", "admin"})
ADMINS: Final[frozenset[Role]] = frozenset({"admin"})

_HUB: Final = f"{ADMIN}/accounts/{{number}}/hubs/{{hub}}/revoke"
_FACTOR: Final = f"{ADMIN}/accounts/{{number}}/second-factor/off"
_REFUND: Final = f"{ADMIN}/accounts/{{number}}/refund"
_CORRECT: Final = f"{ADMIN}/accounts/{{number}}/correct"
_LINE: Final = f"{ADMIN}/work-list/{{number}}"
_CANCEL: Final = f"{ADMIN}/orders/{{number}}/cancel"
_TAKE_BACK: Final = f"{ADMIN}/orders/{{number}}/refund"
_ACTION: Final = f"{ADMIN}/actions/{{number}}/retry"
_MAIL: Final = f"{ADMIN}/mails/{{number}}/retry"
_GATEWAY: Final = f"{ADMIN}/webhooks/{{name}}/retry"
_BATCHES: Final = f"{ADMIN}/vouchers/batches"
_PRODUCT: Final = f"{ADMIN}/catalogue/{{code}}"

PAGES: Final = (
    Page("GET", ADMIN, overview.show, EVERYBODY, N_("Overview")),
    Page("GET", f"{ADMIN}/accounts", accounts.search, EVERYBODY, N_("Accounts")),
    Page("GET", f"{ADMIN}/accounts/{{number}}", accounts.show, EVERYBODY),
    Page("GET", _HUB, ask(accounts.examine_hub), SUPPORT),
    Page("POST", _HUB, do(accounts.examine_hub, accounts.revoke_hub), SUPPORT),
    Page("GET", _FACTOR, ask(accounts.examine_second_factor), SUPPORT),
    Page(
        "POST",
        _FACTOR,
        do(accounts.examine_second_factor, accounts.switch_off_second_factor),
        SUPPORT,
    ),
    Page("GET", _REFUND, balance.show_refund, ACCOUNTING),
    Page("POST", _REFUND, balance.refund, ACCOUNTING),
    Page("GET", _CORRECT, balance.show_correction, ACCOUNTING),
    Page("POST", _CORRECT, balance.correct, ACCOUNTING),
    Page("GET", f"{ADMIN}/orders", orders.search, EVERYBODY, N_("Orders")),
    Page("GET", f"{ADMIN}/orders/{{number}}", orders.show, EVERYBODY),
    Page("GET", _CANCEL, ask(orders.examine_cancel), SUPPORT),
    Page("POST", _CANCEL, do(orders.examine_cancel, orders.cancel), SUPPORT),
    Page("GET", _TAKE_BACK, ask(orders.examine_refund), ACCOUNTING),
    Page("POST", _TAKE_BACK, do(orders.examine_refund, orders.refund), ACCOUNTING),
    Page("GET", f"{ADMIN}/payments", orders.show_payment, ACCOUNTING, N_("Payments")),
    Page("POST", f"{ADMIN}/payments", orders.book_payment, ACCOUNTING),
    Page("GET", f"{ADMIN}/statements", statements.show, ACCOUNTING, N_("Statements")),
    Page("POST", f"{ADMIN}/statements", statements.bring, ACCOUNTING),
    Page("GET", f"{ADMIN}/statements/{{number}}", statements.preview, ACCOUNTING),
    Page("POST", f"{ADMIN}/statements/{{number}}", statements.run, ACCOUNTING),
    Page("GET", f"{ADMIN}/work-list", work_list.show, ACCOUNTING, N_("Work list")),
    Page("GET", _LINE, work_list.show_line, ACCOUNTING),
    Page("POST", _LINE, work_list.assign, ACCOUNTING),
    Page("GET", f"{_LINE}/ignore", ask(work_list.examine_ignore), ACCOUNTING),
    Page("POST", f"{_LINE}/ignore", do(work_list.examine_ignore, work_list.ignore), ACCOUNTING),
    Page("GET", f"{ADMIN}/catalogue", catalogue.show, EVERYBODY, N_("Catalogue")),
    Page("GET", f"{_PRODUCT}/texts", product_texts.show, ADMINS),
    Page("POST", f"{_PRODUCT}/texts", product_texts.change, ADMINS),
    Page("GET", f"{_PRODUCT}/price", catalogue.show_price, ADMINS),
    Page("POST", f"{_PRODUCT}/price", catalogue.set_price, ADMINS),
    Page("GET", f"{_PRODUCT}/end", catalogue.show_end, ADMINS),
    Page("POST", f"{_PRODUCT}/end", catalogue.end_price, ADMINS),
    Page("GET", f"{_PRODUCT}/offer", ask(catalogue.examine_offer), ADMINS),
    Page("POST", f"{_PRODUCT}/offer", do(catalogue.examine_offer, catalogue.offer), ADMINS),
    Page("GET", f"{_PRODUCT}/withdraw", ask(catalogue.examine_withdraw), ADMINS),
    Page(
        "POST", f"{_PRODUCT}/withdraw", do(catalogue.examine_withdraw, catalogue.withdraw), ADMINS
    ),
    Page("GET", f"{ADMIN}/vouchers", vouchers.show, ACCOUNTING, N_("Vouchers")),
    Page("POST", f"{ADMIN}/vouchers", vouchers.make, ACCOUNTING),
    Page("GET", _BATCHES, voucher_batches.show, ACCOUNTING),
    Page("POST", _BATCHES, voucher_batches.make, ACCOUNTING),
    Page("GET", f"{_BATCHES}/{{number}}", voucher_batches.show_one, ACCOUNTING),
    Page("GET", f"{_BATCHES}/{{number}}/vouchers.csv", voucher_batches.download, ACCOUNTING),
    Page("GET", f"{ADMIN}/actions", actions.search, EVERYBODY, N_("Calendar")),
    Page("GET", _ACTION, ask(actions.examine_retry), SUPPORT),
    Page("POST", _ACTION, do(actions.examine_retry, actions.retry), SUPPORT),
    Page("GET", f"{ADMIN}/mails", mails.search, EVERYBODY, N_("Mails")),
    Page("GET", f"{ADMIN}/mails/{{number}}", mails.show, EVERYBODY),
    Page("GET", _MAIL, ask(mails.examine_retry), SUPPORT),
    Page("POST", _MAIL, do(mails.examine_retry, mails.retry), SUPPORT),
    Page("GET", f"{ADMIN}/webhooks", webhooks.show, EVERYBODY, N_("Webhooks")),
    Page("GET", _GATEWAY, ask(webhooks.examine_retry), SUPPORT),
    Page("POST", _GATEWAY, do(webhooks.examine_retry, webhooks.retry), SUPPORT),
    Page("GET", f"{ADMIN}/legal", legal.show, EVERYBODY, N_("Legal texts")),
    Page("GET", f"{ADMIN}/legal/{{version}}", legal.show_version, EVERYBODY),
    Page("GET", f"{ADMIN}/audit", audit.show, ADMINS, N_("Audit log")),
    Page("POST", f"{ADMIN}/logout", login.leave, EVERYBODY),
)

ADMIN_ROUTES: Final[tuple[web.AbstractRouteDef, ...]] = (
    # Before there is an operator to ask for a role.
    web.get(LOGIN, login.show),
    web.post(LOGIN, login.submit),
    web.get(f"{ADMIN}/setup", login.show_setup),
    web.post(f"{ADMIN}/setup", login.set_up),
    *routes(PAGES),
)
