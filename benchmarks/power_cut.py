"""A power cut in a city, in virtual time: all hubs start at once and ask one portal process.

Each hub waits and asks again as `ccu_dashboard.services.portal_watch` says: the first question,
the pauses after failures and the one after the answer are its own functions and numbers. The portal
answers in turn as many questions a second as it carries; a hub waits for its client's time only,
and what it no longer waits for is answered all the same.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from dataclasses import dataclass
from typing import Final

from benchmarks.measure import Measured, Yardstick, number
from ccu_dashboard.clients.portal import ANSWER_SECONDS
from ccu_dashboard.domain.schedule import USUAL_PAUSE
from ccu_dashboard.services.portal_watch import first_pause, pause

BOOT_SECONDS: Final = (60.0, 90.0)
"""From power to the add-on's first breath: hubs are of a few kinds and start nearly together."""

_HORIZON: Final = 15 * 3600.0


@dataclass(frozen=True, slots=True)
class Course:
    """What the portal saw. `asked` and `heard` count by second; `lost` are questions in vain."""

    asked: Counter[int]
    heard: Counter[int]
    lost: int

    @property
    def first_round(self) -> Counter[int]:
        """Until every hub has had its first answer; what follows is the usual day."""
        return Counter({at: many for at, many in self.asked.items() if at <= self.last_heard})

    @property
    def last_heard(self) -> int:
        return max(at for at in self.heard if at < USUAL_PAUSE / 2)


def run(hubs: int, rate: float, dice: random.Random, *, spread: bool = True) -> Course:
    """Let all hubs start at second 0; without `spread` each asks as soon as it runs."""
    asked: Counter[int] = Counter()
    heard: Counter[int] = Counter()
    lost = 0
    free_at = 0.0
    coming = []
    for hub in range(hubs):
        uptime = dice.uniform(*BOOT_SECONDS)
        wait = first_pause(uptime, dice.random()) if spread else 0.0
        coming.append((uptime + wait, hub, 0))
    heapq.heapify(coming)
    while coming:
        now, hub, failures = heapq.heappop(coming)
        asked[int(now)] += 1
        free_at = max(free_at, now) + 1 / rate
        if free_at - now <= ANSWER_SECONDS:
            heard[int(free_at)] += 1
            following = free_at + pause(0, dice.random(), USUAL_PAUSE)
            failures = 0
        else:
            lost += 1
            failures += 1
            following = now + ANSWER_SECONDS + pause(failures, dice.random())
        if following < _HORIZON:
            heapq.heappush(coming, (following, hub, failures))
    return Course(asked, heard, lost)


def measured(hubs: int, rate: float, dice: random.Random) -> list[Measured]:
    """What the hubs' pauses make of a power cut, beside hubs that ask as soon as they run."""
    calm = _facts(run(hubs, rate, dice))
    crowd = _facts(run(hubs, rate, dice, spread=False))
    targets = {"peak": rate, "in vain": 1.0, "peak half a day later": rate}
    return [
        Measured(
            name=f"power cut, {number(hubs)} hubs: {what}",
            unit=unit,
            values=(value,),
            target=targets.get(what),
            yardstick=Yardstick("if all asked at once", (crowd[what, unit],)),
        )
        for (what, unit), value in calm.items()
    ]


def _facts(course: Course) -> dict[tuple[str, str], float]:
    first = course.first_round
    later = [many for at, many in course.asked.items() if at > USUAL_PAUSE / 2]
    return {
        ("peak", "/s"): max(first.values()),
        ("mean", "/s"): first.total() / (course.last_heard - BOOT_SECONDS[0]),
        ("in vain", "of 100"): 100 * course.lost / first.total(),
        ("all heard after", "s"): course.last_heard,
        ("peak half a day later", "/s"): max(later),
    }
