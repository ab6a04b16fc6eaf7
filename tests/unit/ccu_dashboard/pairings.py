"""What the portal and the hub say to each other while a hub gets its account by a code."""

from __future__ import annotations

from urllib.parse import parse_qs

from ccu_dashboard.services import pairing_wish
from ccu_dashboard.services.overview import Overview, overview
from ccu_dashboard.settings import Settings
from cloudmatic_link.pairing import Confirmation, Invitation
from tests.factories import ACCOUNT_ID, TODAY, USER_NAME
from tests.unit.ccu_dashboard.portal_server import Portal, Reply, Request
from tests.unit.ccu_dashboard.refreshing import STATUS, ask

NOT_THERE = "not-the-portal"
BEGIN, POLL = "POST /api/v1/device", "POST /api/v1/device/token"
ASK, ENROL = "GET /api/v1/hub/status", "POST /api/v1/hubs"
TOLD = Reply(200, STATUS.to_json(), {"ETag": '"one"'})
CONFIRMED = Reply(200, Confirmation(ACCOUNT_ID, USER_NAME).to_json())


def not_yet(word: str) -> Reply:
    return Reply(400, {"error": word, "reason": word.replace("_", "-")})


def invitation(portal: Portal) -> Reply:
    invited = Invitation(
        device_code="A" * 43,
        user_code="BCDF-GHJK",
        verification_uri=f"{portal.url}/pair",
        verification_uri_complete=f"{portal.url}/pair?code=BCDF-GHJK",
        expires_in=600,
        interval=5,
    )
    return Reply(200, invited.to_json())


def form(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.body).items()}


async def shown(hub: Settings) -> Overview:
    return await overview(hub, TODAY)


async def want(hub: Settings) -> None:
    pairing_wish.want(hub, await shown(hub))


async def paired(alone: Settings, portal: Portal) -> None:
    await want(alone)
    portal.replies = [invitation(portal), CONFIRMED, TOLD]
    ask(alone)
    ask(alone)
    portal.requests.clear()
