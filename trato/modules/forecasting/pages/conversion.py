"""How deals come through: stage by stage, by seller and source, how fast, and why they are lost."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from trato.engine import access, objects
from trato.engine.kinds.locales import number
from trato.web import charts, respond

from ..queries import conversion
from ..queries.conversion import Step
from ..queries.grouping import Group, groups
from .frame import Asked, condition, owners_are


def labels() -> dict[str, str]:
    """What deals can be grouped by, in words."""
    return {
        "owner": _("Seller"),
        "product": _("Product"),
        "source": _("Source"),
        "campaign": _("Campaign"),
        "industry": _("Industry"),
    }


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The deals that came to stages, and those decided, in the period; ``by=source`` groups these otherwise."""
    asked, by = Asked.of(request), request.GET.get("by", "owner")
    context = asked.context("/conversion")
    may = _groupings(asked)
    if by not in may:
        context["wrong"] = asked.wrong or _("Deals can't be grouped like this. This is by seller.")
        by = "owner"
    steps = conversion.steps(asked.actor, asked.period, asked.owners)
    found, missing = groups(asked.actor, asked.period, by, asked.owners)
    named = {"owner": "users", "product": "products"}.get(by)
    titles = access.titles(asked.actor, [f"{named}/{group.key}" for group in found if named and group.key])
    names = {ref.partition("/")[2]: title for ref, title in titles.items()}
    context |= {
        "funnels": _funnels(asked, steps),
        "steps": [_step(asked, step) for step in steps],
        "by_label": labels()[by],
        "groupings": [
            {"label": label, "url": asked.url("/conversion", by=name), "current": name == by}
            for name, label in labels().items()
            if name in may
        ],
        "groups": [_group(asked, by, group, names) for group in found],
        "losses": _losses(asked),
        "missing": sorted(missing),
    }
    return respond.page(request, "forecasting/conversion.html", context, title=_("Conversion"))


def _groupings(asked: Asked) -> list[str]:
    """What the person may group by: fields hidden from them are none."""
    seen = access.fields(asked.actor, objects.get("deals")).keys()
    accounts = objects.get("accounts")
    industry = (
        "account" in seen
        and "industry" in access.fields(asked.actor, accounts)
        and (access.owners_seen(asked.actor, accounts) is None)
    )
    extra = {"industry": industry, "product": access.may_see_any(asked.actor, objects.get("products"))}
    return [name for name in labels() if name in seen or extra.get(name)]


def _funnels(asked: Asked, steps: list[Step]) -> list[charts.Bars]:
    """One funnel for each pipeline: how many came to each stage, and what part of these went on."""
    found = []
    for pipeline in dict.fromkeys(step.pipeline for step in steps):
        rows = [
            charts.Bar(
                step.name,
                step.came,
                number(step.came, 0, asked.reader.language),
                asked.deals(condition("stage", str(step.stage)), owners=asked.owners),
                "one",
                _("%(share)s went on") % {"share": asked.percent(100 * step.went_on / step.came)} if step.came else "",
            )
            for step in steps
            if step.pipeline == pipeline
        ]
        found.append(charts.bars(pipeline, rows))
    return found


def _step(asked: Asked, step: Step) -> dict[str, str]:
    decided = step.won + step.lost
    return {
        "name": step.name,
        "pipeline": step.pipeline,
        "url": asked.deals(condition("stage", str(step.stage)), owners=asked.owners),
        "came": number(step.came, 0, asked.reader.language),
        "went_on": asked.percent(100 * step.went_on / step.came if step.came else None),
        "won": asked.percent(100 * step.won / decided if decided else None),
        "days": _days(asked, step.days),
    }


def _group(asked: Asked, by: str, group: Group, names: dict[str, str]) -> dict[str, str]:
    first, after = asked.period.first.isoformat(), asked.period.after.isoformat()
    span = [condition("closed_at", first, "gte"), condition("closed_at", after, "lt")]
    name = {"owner": "owner", "industry": "account.industry"}.get(by, by)
    of = condition(name, str(group.key)) if group.key else condition(name, op="empty")
    if by == "owner":
        (of,) = owners_are({group.key}) or ()
    elif by == "product":
        of = {"related": "deal-lines.deal", "any": condition("product", str(group.key))}
    said = names.get(str(group.key), "…") if by in ("owner", "product") else group.key
    owners = asked.owners if by != "owner" else None
    return {
        "name": said if group.key else _("None said"),
        "won": number(group.won, 0, asked.reader.language),
        "won_url": asked.deals(condition("status", "won"), *span, of, owners=owners),
        "lost": number(group.lost, 0, asked.reader.language),
        "lost_url": asked.deals(condition("status", "lost"), *span, of, owners=owners),
        "rate": asked.percent(group.rate),
        "worth": asked.money(group.worth),
        "mean": asked.money(group.worth / group.won) if group.won else "",
        "days": _days(asked, group.days),
        "velocity": asked.money(group.velocity) if group.velocity is not None else "",
    }


def _losses(asked: Asked) -> charts.Bars | None:
    if "loss_reason" not in access.fields(asked.actor, objects.get("deals")):
        return None
    first, after = asked.period.first.isoformat(), asked.period.after.isoformat()
    span = [condition("closed_at", first, "gte"), condition("closed_at", after, "lt")]
    rows = conversion.losses(asked.actor, asked.period, asked.owners)
    total = sum(row["n"] for row in rows)
    bars = [
        charts.Bar(
            row["reason"] or _("None said"),
            row["n"],
            ngettext("%(n)s deal", "%(n)s deals", row["n"]) % {"n": row["n"]},
            asked.deals(condition("status", "lost"), *span, _reason(row["loss_reason_id"]), owners=asked.owners),
            "bad",
            asked.percent(100 * row["n"] / total),
        )
        for row in rows
    ]
    return charts.bars(_("Why deals were lost"), bars) if bars else None


def _reason(reason: Any) -> dict[str, Any]:
    return condition("loss_reason", str(reason)) if reason else condition("loss_reason", op="empty")


def _days(asked: Asked, days: float | None) -> str:
    return "" if days is None else number(round(days, 1), 1, asked.reader.language)
