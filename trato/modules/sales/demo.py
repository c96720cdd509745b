"""Three years of leads and deals of the roastery, through the same actions as anybody's, the same every time."""

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from trato.engine import access, actions, objects, seeding
from trato.engine.gatekeeping import set_gate
from trato.engine.workspaces.actors import Actor, actor_for_user
from trato.modules.people.demo import fill

from .actions import scoring, stages
from .queries import ways as queries
from .rules.deals import Step

#: The story this one goes on from.
BEFORE = fill
YEARS = 3
DECIDED, OPEN, LEADS = 90, 20, 12
WHAT = (
    "House blend", "Espresso for the bar", "Beans and machine", "Filter coffee", "Coffee for the office",
    "Decaf and cups", "Barista training", "New grinders", "Seasonal roast", "Cold brew on tap",
)  # fmt: skip
SOURCES = ("Recommendation", "Website", "Trade fair", "Walk-in", "Cold call")
#: How much more often than one in two a deal from there is won, in tenths.
LUCK = {"Recommendation": 4, "Trade fair": 2, "Website": 0, "Walk-in": -2, "Cold call": -4}
CALLS = ("What they drink now", "Samples arrived", "Price per kilo", "Who signs", "Start date")
NEXT = ("Send samples", "Call about the offer", "Visit the bar", "Agree on the price", "Send the contract")
PEOPLE = (
    ("Priya", "Nair", "Bluegate Hotels", "Hospitality"), ("Marcus", "Oyelaran", "Saltmarsh Bistro", "Restaurant"),
    ("Helena", "Duarte", "Café Duarte", "Café"), ("Owen", "Price", "Price & Sons Garages", "Retail"),
    ("Ilinca", "Vasile", "Atelier Vasile", "Media"), ("Gabriel", "Roca", "Roca Catering", "Restaurant"),
    ("Nora", "Whitfield", "Whitfield School", "Education"), ("Sam", "Adeyemi", "Adeyemi Law", "Legal"),
    ("Carmen", "Prieto", "Hostal Prieto", "Hospitality"), ("Dan", "Marin", "Marin Studio", "Media"),
    ("Elsie", "Moss", "Moss & Fern", "Retail"), ("Ravi", "Menon", "Menon Clinics", "Health"),
    ("Julia", "Stark", "Stark Coworking", "Coworking"), ("Pablo", "Nieto", "La Esquina", "Café"),
    ("Ada", "Kerr", "Kerr Logistics", "Transport"), ("Tudor", "Enache", "Enache Panificație", "Bakery"),
    ("Beth", "Larkin", "Larkin Farm Shop", "Retail"), ("Yusuf", "Demir", "Demir Kebap", "Restaurant"),
)  # fmt: skip


@seeding.story
def tell(actor: Actor) -> None:
    """Leads and deals with the accounts there are; nothing where there are none."""
    _Story(actor.via("web", seeding.SOURCE), datetime.now(UTC).replace(second=0, microsecond=0)).tell()


class _Story:
    """One telling, from a fixed seed."""

    def __init__(self, actor: Actor, now: datetime) -> None:
        self.actor, self.now, self.chance = actor, now, random.Random(2031)  # noqa: S311 - no secret comes of it
        sellers = [actor_for_user(user, actor.workspace) for user in access.members(actor).order_by("email")[:3]]
        self.sellers = [one.via("web", seeding.SOURCE) for one in sellers if one] or [self.actor]
        rows = access.visible(actor, objects.get("accounts")).order_by("name")
        self.accounts = list(rows.values("id", "name", "industry"))
        self.ways = queries.ways()

    def tell(self) -> None:
        """What was decided, the oldest first, then what is open, then who asks."""
        path = [step for step in next(iter(self.ways.pipelines.values()), ()) if step.kind == "open"]
        if not self.accounts or not path:
            return
        for days in sorted((self.chance.randint(20, 365 * YEARS) for _ in range(DECIDED)), reverse=True):
            self._decided(path, self.now - timedelta(days=days))
        for _ in range(OPEN):
            self._open(path)
        for number, person in enumerate(PEOPLE[:LEADS]):
            self._lead(number, person)
        self._rules()
        scoring.relearn(self.actor.workspace)
        scoring.rate(self.actor.workspace)
        for plural in ("leads", "deals"):
            scoring.give_points(self.actor.workspace, plural)

    def _put(self, plural: str, **values: Any) -> Any:
        return actions.create(self.actor, objects.get(plural), values).id

    def _deal(self, opened: datetime, closes: date, **more: Any) -> dict[str, Any]:
        account, what = self.chance.choice(self.accounts), self.chance.choice(WHAT)
        currency = self.actor.workspace.currency
        again = {"amount": str(self.chance.randint(1, 12) * 50), "currency": currency}
        return {
            "name": f"{what} for {account['name']}",
            "account": account["id"],
            "value": {"amount": str(self.chance.randint(4, 90) * 100), "currency": currency},
            "recurring": again if self.chance.random() < 0.5 else None,
            "source": self.chance.choice(SOURCES),
            "owner": self.chance.choice(self.sellers).user_id,
            "opened_at": opened,
            "close_date": closes,
            **more,
        }

    def _decided(self, path: list[Step], closed: datetime) -> None:
        """A deal that was won or lost: won ones come farther, and more happens with them."""
        opened = closed - timedelta(days=self.chance.randint(6, 110))
        values = self._deal(opened, closed.date(), closed_at=closed)
        won = self.chance.randint(1, 10) <= 5 + LUCK[values["source"]]
        ending = self.ways.ending(path[0].pipeline, "won" if won else "lost")
        if ending is None:
            return
        if not won:
            values["loss_reason"] = self.chance.choice(self._reasons())
        reached = path if won else path[: self.chance.randint(1, len(path))]
        way = [*zip(reached, self._moments(opened, closed, len(reached)), strict=True), (ending, closed)]
        happened = self.chance.randint(1, 4) if won else self.chance.randint(0, 2)
        self._tell(values | {"stage": ending.id}, way, opened, closed, happened)

    def _open(self, path: list[Step]) -> None:
        """A deal on its way, with what comes next."""
        opened = self.now - timedelta(days=self.chance.randint(3, 80))
        closes = (self.now + timedelta(days=self.chance.randint(-5, 75))).date()
        day = (self.now + timedelta(days=self.chance.randint(-3, 12))).date()
        values = self._deal(
            opened,
            closes,
            next_step=self.chance.choice(NEXT),
            next_step_at=datetime.combine(day, time(10), UTC),
            category=self.chance.choice(["pipeline", "pipeline", "best_case", "commit"]),
        )
        reached = path[: self.chance.randint(1, len(path))]
        way = list(zip(reached, self._moments(opened, self.now, len(reached)), strict=True))
        self._tell(values | {"stage": reached[-1].id}, way, opened, self.now, self.chance.randint(0, 3))

    def _tell(
        self, values: dict[str, Any], way: list[tuple[Step, datetime]], first: datetime, last: datetime, happened: int
    ) -> None:
        """Write a deal, the way it came, and what happened with it between two moments."""
        deal = self._put("deals", **values)
        stages.backdate(deal, [(step.id, entered) for step, entered in way])
        seeding.backdate(objects.get("deals"), deal, first)
        for _ in range(happened):
            at = first + (last - first) * self.chance.random()
            call = {"subject": self.chance.choice(CALLS), "about": [f"deals/{deal}"], "happened_at": at}
            self._put("calls", **call, outcome="reached", minutes=self.chance.randint(2, 25))

    def _moments(self, first: datetime, last: datetime, count: int) -> list[datetime]:
        """When each of some stages was entered, the first at once."""
        length = (last - first).total_seconds()
        shares = sorted(self.chance.random() * 0.9 for _ in range(count - 1))
        return [first, *(first + timedelta(seconds=length * share) for share in shares)]

    def _reasons(self) -> list[Any]:
        rows = access.visible(self.actor, objects.get("loss-reasons")).filter(used_for__in=("deals", "both"))
        return list(rows.order_by("position").values_list("id", flat=True))

    def _lead(self, number: int, person: tuple[str, str, str, str]) -> None:
        first, last, company, industry = person
        came = self.now - timedelta(days=number * 2, hours=number)
        plain = "".join(letter for letter in last.lower() if letter.isascii() and letter.isalpha())
        lead = self._put(
            "leads",
            first_name=first,
            last_name=last,
            company=company,
            industry=industry,
            emails=[{"address": f"{first.lower()}@{plain}.example", "primary": True}],
            phones=[{"number": f"+442079460{number:03}", "label": "work"}],
            source=self.chance.choice(SOURCES),
            rating=self.chance.choice(["", "hot", "warm", "cold"]),
            status="new" if number < 6 else "working",
            wish=self.chance.choice(["Coffee for 30 people", "A machine on lease", "Wholesale prices", "A tasting"]),
            owner=self.chance.choice(self.sellers).user_id,
        )
        seeding.backdate(objects.get("leads"), lead, came)

    def _rules(self) -> None:
        """How leads are given away, what points are given for, and after how many quiet days a deal is marked."""
        for step in next(iter(self.ways.pipelines.values())):
            if step.kind == "open":
                set_gate(self.actor, objects.get("deals"), "stage", str(step.id), stale_days=21)
        rule = self._put("lead-rules", name="Everybody in turns", method="turns", minutes=240)
        for place, seller in enumerate(self.sellers, 1):
            self._put("lead-rule-members", rule=rule, person=seller.user_id, position=place)
        hot = {"field": "rating", "op": "is", "value": "hot"}
        self._put("score-rules", name="Hot", object="leads", points=30, condition=hot)
        known = {"field": "source", "op": "is", "value": "Recommendation"}
        for plural in ("leads", "deals"):
            self._put("score-rules", name="Recommended", object=plural, points=20, condition=known)
        cold = {"field": "source", "op": "is", "value": "Cold call"}
        self._put("score-rules", name="Called cold", object="leads", points=-10, condition=cold)
