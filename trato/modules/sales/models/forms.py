"""Forms that stand on the internet and become leads."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from trato.engine.models import Record


class LeadForm(Record):
    """A form at a secret address, by which somebody without an account becomes a lead."""

    name = models.CharField(_("Name"), max_length=100)
    heading = models.CharField(_("Heading"), max_length=200, help_text=_("Above the form, as in “Ask for samples”."))
    text = models.TextField(
        _("Text"), blank=True, help_text=_("Below the heading: what they ask for and what happens then.")
    )
    thanks = models.TextField(_("Thanks"), blank=True, help_text=_("What stands there once the form was sent."))
    source = models.CharField(
        _("Source"), max_length=100, blank=True, help_text=_("What the leads have as their source.")
    )
    campaign = models.CharField(_("Campaign"), max_length=100, blank=True)
    is_on = models.BooleanField(_("In use"), default=True)
