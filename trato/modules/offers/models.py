"""Tables of offers: products bought together, and what could be offered to whom next."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from trato.engine.workspaces.base import WorkspaceForeignKey, WorkspaceModel
from trato.engine.workspaces.models import User
from trato.modules.catalog.models import Product
from trato.modules.people.models import Account

KINDS = [
    ("service", _("Service due")),
    ("again", _("Buys again")),
    ("together", _("Bought together")),
    ("similar", _("Similar customers")),
]
ANSWERS = [("accepted", _("Accepted")), ("dismissed", _("Dismissed"))]


class Pair(WorkspaceModel):
    """Who bought ``left`` also bought ``right``: an association rule over all orders (Agrawal and Srikant, 1994).

    ``orders`` hold both; ``support`` is their share of all orders, ``confidence`` that of the orders with ``left``, and
    ``lift`` how many times as often that is as ``right`` is bought at all.
    """

    left = WorkspaceForeignKey(Product, models.CASCADE, related_name="+")
    right = WorkspaceForeignKey(Product, models.CASCADE, related_name="+")
    orders = models.IntegerField()
    support = models.FloatField()
    confidence = models.FloatField()
    lift = models.FloatField()

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "left", "right"], name="offer_pair_once")]


class Offer(WorkspaceModel):
    """Something an account may want next, why, and what was answered to it.

    ``score`` (0 to 1) orders them. ``facts`` is what the reason is told from. ``seen_on``: the last night it was found;
    ``until``: the day from which on it may be shown again after an answer.
    """

    account = WorkspaceForeignKey(Account, models.CASCADE, related_name="+")
    product = WorkspaceForeignKey(Product, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=KINDS)
    score = models.FloatField()
    due_on = models.DateField(null=True)
    facts = models.JSONField(default=dict)
    seen_on = models.DateField()
    answer = models.CharField(max_length=9, choices=ANSWERS, default="")
    reason = models.CharField(max_length=300, default="")
    until = models.DateField(null=True)
    answered_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    became = models.CharField(max_length=100, default="")

    class Meta(WorkspaceModel.Meta):
        indexes = [models.Index(fields=["workspace", "answer", "-score", "id"], name="offer_queue")]
        constraints = [models.UniqueConstraint(fields=["workspace", "account", "product", "kind"], name="offer_once")]
