"""What waits for an operator, and how it goes."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.operator import Operator, Role
from cloudmatic_portal.services import desk, figures
from cloudmatic_portal.web.admin.charts import charts
from cloudmatic_portal.web.admin.pages import page

_SEE_INCOME: Final[frozenset[Role]] = frozenset({"accounting", "admin"})


async def show(request: web.Request, operator: Operator) -> web.Response:
    database, today = request.app[DATABASE], berlin_day(request.app[CLOCK]())
    with_income = operator.role in _SEE_INCOME
    found = await figures.measure(database, today, with_income=with_income)
    return page(
        request,
        "overview.html",
        waiting=await desk.waiting(database),
        figures=found,
        charts=charts(found),
    )
