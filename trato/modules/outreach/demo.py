"""How the roastery reaches out: a sequence some people are in, a call list with its script, and promises."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from trato.engine import access, actions, objects, seeding
from trato.engine.workspaces.actors import Actor
from trato.modules.sales import demo as sales

from . import queries
from .actions import calling, sequences

#: The story this one goes on from.
BEFORE = sales.tell
#: No mail comes after the first step: people of the story have no mailboxes.
STEPS = (
    ("mail", 0, "Coffee for {account|your guests}", "Hello {first_name|there},\n\nwe roasted the new Huila on Monday. "
     "May I bring a bag, and make you a cup of it?\n\nBest wishes,\n{sender}"),
    ("call", 3, "Ask {first_name|them} how it tasted", "They had the mail about the new Huila. Offer the tasting."),
    ("task", 5, "Send {first_name|them} a sample", "250 g, ground as they brew."),
)  # fmt: skip
#: Days since somebody is in the sequence, steps done, how it ended and why; still under way where it says nothing.
ENROLLED = (
    (1, 1, "", ""),
    (2, 1, "", ""),
    (4, 2, "", ""),
    (6, 2, "", ""),
    (12, 1, "replied", "They called"),
    (15, 3, "finished", ""),
    (16, 3, "finished", ""),
    (20, 1, "stopped", "They buy from their brother-in-law"),
)
GREETING = "Good morning, this is the roastery. You had your last coffee from us in spring: is this a good moment?"
QUESTIONS = [
    {"id": "drinks", "ask": "Do they still serve coffee?", "kind": "yes_no", "next": {"no": "why"}},
    {"id": "from", "ask": "From whom do they have it now?", "kind": "text"},
    {"id": "cups", "ask": "How many cups on a good day?", "kind": "number", "next": "likes"},
    {"id": "why", "ask": "What do they serve instead?", "kind": "text", "next": None},
    {"id": "likes", "ask": "How they like to be called upon", "kind": "text", "field": "preferences"},
]
#: What came of the first calls, and the answers given.
CALLED: tuple[tuple[str, dict[str, str]], ...] = (
    ("reached", {"drinks": "yes", "from": "A wholesaler", "cups": "140", "likes": "In the morning, by phone."}),
    ("no_answer", {}),
    ("reached", {"drinks": "no", "why": "Tea and juices"}),
    ("voicemail", {}),
    ("later", {}),
)
#: A promise, days until its day (negative: that has passed), and on which day before it was kept; None: not yet.
PROMISES = (
    ("Send the price for a second grinder", -20, 2),
    ("Exchange the leaking group head", -14, 0),
    ("Bring cups for the opening", -9, -3),
    ("Name a date for the barista course", -5, 1),
    ("Send samples of the decaf", 1, None),
    ("Call back about the yearly price", 3, None),
    ("Deliver before the festival", 9, None),
)


@seeding.story
def tell(actor: Actor) -> None:
    """What goes out, who is called and what was promised; nothing where nobody is known."""
    rows = access.visible(actor, objects.get("contacts")).exclude(account=None).order_by("title")
    people = list(rows.exclude(emails=[]).exclude(phones=[])[:30])
    if people:
        _Story(actor, people, timezone.now()).tell()


class _Story:
    """One telling, the same every time."""

    def __init__(self, actor: Actor, people: list[Any], now: datetime) -> None:
        self.people, self.now = people, now
        self.actor = actor.via("web", seeding.SOURCE)
        self.sellers = [user.id for user in access.members(actor).order_by("email")[:3]]
        self.today = queries.today(actor.workspace)

    def tell(self) -> None:
        """First mails, then calls, then what was promised on the way."""
        self._sequence()
        self._calls()
        self._promises()

    def _put(self, plural: str, **values: Any) -> Any:
        return actions.create(self.actor, objects.get(plural), values)

    def _sequence(self) -> None:
        """People at all places of a sequence; those under way have their next step in the days to come."""
        steps = [
            {"kind": kind, "days": days, "subject": subject, "text": text, "position": place}
            for place, (kind, days, subject, text) in enumerate(STEPS, 1)
        ]
        words = "A mail, a call, a sample: for people who know us and have not bought yet."
        made = self._put("sequences", name="New harvest", description=words, **{"sequence-steps": steps})
        obj = objects.get("enrolments")
        for place, (ago, done, status, why) in enumerate(ENROLLED[: len(self.people)]):
            seller, person = self.sellers[place % len(self.sellers)], self.people[place]
            given = {"person": f"contacts/{person.id}", "sequence": made.id, "owner": seller}
            enrolment = actions.create(self.actor, obj, given)
            began = self.now - timedelta(days=ago)
            following = None if status else began + timedelta(days=sum(step[1] for step in STEPS[: done + 1]))
            stood = {"started_at": began, "steps_done": done, "next_at": following}
            actions.write(self.actor, obj, enrolment, stood, verb="advanced")
            seeding.backdate(obj, enrolment.id, began)
            if status:
                sequences.end(self.actor, enrolment, status, why)

    def _calls(self) -> None:
        """A list that is called already, and waits for whoever goes on."""
        script = self._put("scripts", name="Who has not ordered since spring", greeting=GREETING, questions=QUESTIONS)
        made = self._put("call-lists", name="Long not heard of", script=script.id, most_attempts=3, pause_hours=4)
        for person in self.people[-14:]:
            self._put("call-list-entries", call_list=made.id, record=f"contacts/{person.id}")
        for outcome, answers in CALLED:
            entry = calling.take(self.actor, made)
            if entry is None:
                return
            again = self.now + timedelta(days=1) if outcome == "later" else None
            calling.log(self.actor, made, entry.id, calling.Said(outcome, again, answers=answers))

    def _promises(self) -> None:
        """Kept, kept too late, and still to be kept."""
        obj = objects.get("promises")
        for place, (text, days, before) in enumerate(PROMISES):
            seller, person = self.sellers[place % len(self.sellers)], self.people[-1 - place % len(self.people)]
            due = self.today + timedelta(days=days)
            given = {"text": text, "account": person.account_id, "contact": person.id, "due_on": due}
            made = actions.create(self.actor, obj, given | {"owner": seller})
            seeding.backdate(obj, made.id, self.now - timedelta(days=max(7 - days, 1)))
            if before is not None:
                actions.run(self.actor, obj, "keep", made.id, {"on": (due - timedelta(days=before)).isoformat()})
