"""Fields that hold a filter: made in the builder of a form, said in words, looked at before they are kept."""

from __future__ import annotations

import csv
import io
import json
from html.parser import HTMLParser

import pytest

from trato.engine import access, actions, custom, objects
from trato.engine.imports.tests.running import carry_out, counts, draft
from trato.engine.kinds import Filter, Invalid, Reader
from trato.engine.values import Refused

pytestmark = pytest.mark.django_db

WEB = {"field": "source", "op": "is", "value": "Web"}


class Sent(HTMLParser):
    """What a browser with scripts would send of the builder on a page: what is in a noscript is none of it."""

    def __init__(self, html):
        super().__init__()
        self.data, self.wanted, self.silent, self.select = {}, False, False, None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.wanted |= tag == "trato-builder"
        self.silent |= tag == "noscript"
        if not self.wanted or self.silent:
            return
        if tag == "input" and attrs.get("name"):
            self.data[attrs["name"]] = attrs.get("value", "")
        elif tag == "select":
            self.select = attrs.get("name")
        elif tag == "option" and self.select and (self.select not in self.data or "selected" in attrs):
            self.data[self.select] = attrs.get("value", "")

    def handle_endtag(self, tag):
        if tag == "trato-builder":
            self.wanted = False
        elif tag == "noscript":
            self.silent = False
        elif tag == "select":
            self.select = None


@pytest.fixture
def browser(cast, signed_in):
    return signed_in(cast.owner)


def press(browser, plural, data, do, name="condition", **more):
    """Press a button of the builder; what it holds then."""
    answer = browser.get(f"/w/acme/{plural}/filter", {"builder": name, **data, f"{name}-do": do, **more})
    assert answer.status_code == 200
    return Sent(answer.content.decode()).data


def newest(as_, cast, plural):
    with as_(cast.owner) as actor:
        return access.visible(actor, objects.get(plural)).order_by("-id").first()


def test_a_rule_is_made_with_the_builder_and_changed_in_it(browser, as_, cast):
    """Add condition, choose Source, give Web, apply, create: no JSON is typed anywhere."""
    page = browser.get("/w/acme/lead-rules/new").content.decode()
    assert "trato-builder" in page and 'name="condition"' in page
    data = press(browser, "leads", Sent(page).data, "add ")
    data = press(browser, "leads", data | {"condition-what": "source"}, "pick")
    data = press(browser, "leads", data | {"condition-value": "Web"}, "save")
    assert json.loads(data["condition"]) == WEB
    form = {"only": "name,condition,method,position,is_on", "name": "Web", "position": "1", "method": "turns"}
    assert browser.post("/w/acme/lead-rules/new", form | data).status_code == 303
    rule = newest(as_, cast, "lead-rules")
    assert rule.condition == WEB

    shown = browser.get(f"/w/acme/lead-rules/{rule.id}").content.decode()
    assert "Source is Web" in shown and "&#34;field&#34;" not in shown
    assert "Source is Web" in browser.get("/w/acme/lead-rules/?columns=title,condition").content.decode()

    data = Sent(browser.get(f"/w/acme/lead-rules/{rule.id}/edit").content.decode()).data
    data = press(browser, "leads", data, "add ")
    data = press(browser, "leads", data | {"condition-what": "rating"}, "pick")
    data |= {"condition-value": "hot"}  # and Save at once, with the condition still open
    answer = browser.post(f"/w/acme/lead-rules/{rule.id}/edit", {"only": "condition", "version": rule.version, **data})
    assert answer.status_code == 303
    hot = {"field": "rating", "op": "is", "value": "hot"}
    assert newest(as_, cast, "lead-rules").condition == {"and": [WEB, hot]}
    past = browser.get(f"/w/acme/lead-rules/{rule.id}/history").content.decode()
    assert "Source is Web and Rating is Hot" in past


def test_what_is_wrong_with_the_condition_that_is_open_is_told_and_nothing_is_lost(browser, as_, cast):
    data = {"name": "Half", "condition": json.dumps(WEB), "condition-mode": "add", "condition-at": ""}
    data |= {"condition-what": "points", "condition-op": "gt", "condition-value": "many", "condition-was": "gt"}
    answer = browser.post("/w/acme/lead-rules/new", {"only": "name,condition", **data})
    page = answer.content.decode()
    assert answer.status_code == 422 and "The condition you began" in page
    assert 'value="many"' in page and "Source is Web" in page
    assert newest(as_, cast, "lead-rules") is None


def test_an_open_condition_about_nothing_is_none(browser, as_, cast):
    data = {"name": "Open", "method": "turns", "condition": json.dumps(WEB), "condition-mode": "add"}
    answer = browser.post("/w/acme/lead-rules/new", {"only": "name,condition,method", **data, "condition-what": ""})
    assert answer.status_code == 303
    assert newest(as_, cast, "lead-rules").condition == WEB


def test_without_scripts_it_is_a_text(browser, as_, cast):
    """Changed text counts, text that stayed as it was does not: with scripts the builder's own input is right."""
    page = browser.get("/w/acme/lead-rules/new").content.decode()
    assert "<noscript>" in page and 'name="condition-text"' in page
    form = {"only": "name,condition,method", "name": "Plain", "method": "turns", "condition": ""}
    typed = form | {"condition-text": json.dumps(WEB), "condition-before": ""}
    assert browser.post("/w/acme/lead-rules/new", typed).status_code == 303
    rule = newest(as_, cast, "lead-rules")
    assert rule.condition == WEB
    stays = {
        "only": "condition",
        "condition": "",
        "condition-text": json.dumps(WEB),
        "condition-before": json.dumps(WEB),
    }
    answer = browser.post(f"/w/acme/lead-rules/{rule.id}/edit", stays | {"version": rule.version})
    assert answer.status_code == 303
    assert newest(as_, cast, "lead-rules").condition is None
    wrong = browser.post("/w/acme/lead-rules/new", typed | {"condition-text": "Web"})
    assert wrong.status_code == 422 and "This is not JSON." in wrong.content.decode()
    page = wrong.content.decode()
    assert ">\nWeb</textarea>" in page and 'name="condition-before" value=""' in page, "what was typed stays"


def test_it_follows_the_field_that_says_what_it_is_about(browser, as_, cast):
    page = browser.get("/w/acme/score-rules/new").content.decode()
    assert "/w/acme/leads/filter" in page and "/w/acme/pick/filter" in page
    asked = {"builder": "condition", "by": "object", "condition": json.dumps(WEB)}
    other = browser.get("/w/acme/pick/filter", asked | {"object": "deals"}).content.decode()
    assert "/w/acme/deals/filter" in other and Sent(other).data["condition"] == json.dumps(WEB, separators=(",", ":"))
    unknown = browser.get("/w/acme/pick/filter", asked | {"object": ""}).content.decode()
    assert "Choose first what it is for" in unknown and json.loads(Sent(unknown).data["condition"]) == WEB
    assert browser.get("/w/acme/pick/filter", asked | {"object": "nothing"}).status_code == 404
    assert browser.get("/w/acme/pick/filter", asked | {"builder": "<x>"}).status_code == 404
    assert "Choose first what it is for" in browser.get("/w/acme/call-lists/new").content.decode()

    stage = {"field": "stage", "op": "filled"}
    with as_(cast.owner) as actor:
        rule = actions.create(
            actor, objects.get("score-rules"), {"name": "S", "object": "deals", "points": 1, "condition": stage}
        )
    edit = browser.get(f"/w/acme/score-rules/{rule.id}/edit").content.decode()
    assert "/w/acme/deals/filter" in edit
    assert (
        "/w/acme/deals/filter"
        in browser.get(
            f"/w/acme/score-rules/{rule.id}/field/condition", headers={"HX-Request": "true"}
        ).content.decode()
    )
    assert "Stage is filled" in browser.get("/w/acme/score-rules/?columns=title,condition").content.decode()


def test_a_filter_whose_field_is_gone_says_so_and_stays_until_it_is_corrected(browser, as_, cast):
    with as_(cast.owner) as actor:
        custom.add(actor, objects.get("leads"), {"name": "zone", "label": "Zone", "kind": "text"})
    gone = {"field": "custom.zone", "op": "is", "value": "North"}
    with as_(cast.owner) as actor:
        rule = actions.create(actor, objects.get("lead-rules"), {"name": "North", "condition": gone})
    assert "Zone is North" in browser.get(f"/w/acme/lead-rules/{rule.id}").content.decode()
    with as_(cast.owner) as actor:
        custom.archive(actor, objects.get("leads"), "zone")
    page = browser.get(f"/w/acme/lead-rules/{rule.id}").content.decode()
    assert "custom.zone" in page and "It finds nothing any more" in page
    with as_(cast.owner) as actor:
        lead_rules = objects.get("lead-rules")
        actions.update(actor, lead_rules, rule.id, {"name": "The north"})  # the rest can be changed
        with pytest.raises(Refused, match=r"condition: .*custom.zone"):
            actions.update(actor, lead_rules, rule.id, {"condition": {"and": [gone, WEB]}})


def test_files_and_the_api_look_at_it_too(owner, settings, tmp_path, browser, as_, cast):
    """Of two rows of a file the one whose filter asks for nothing that is there is told, the other one is taken."""
    settings.MEDIA_ROOT = tmp_path
    bad = {"field": "nowhere", "op": "is", "value": "x"}
    file = io.StringIO()
    csv.writer(file).writerows([["Name", "For leads that"], ["Good", json.dumps(WEB)], ["Bad", json.dumps(bad)]])
    run = carry_out(owner, draft(owner, file.getvalue(), name="rules.csv", plural="lead-rules"))
    assert counts(run) == {"created": 1, "failed": 1}
    lead_rules = objects.get("lead-rules")
    assert list(access.visible(owner, lead_rules).values_list("name", "condition")) == [("Good", WEB)]


@pytest.mark.parametrize("wrong", [[], "x", 5, "[1]", {"field": "nowhere"}, {"a": 1}, {"field": ["a"]}, {"and": 3}])
def test_no_face_takes_what_is_no_filter(wrong, as_, cast):
    with as_(cast.owner) as actor, pytest.raises(Refused, match="condition"):
        actions.create(actor, objects.get("lead-rules"), {"name": "x", "condition": wrong or [1]})


def test_the_kind_by_itself():
    """Where nobody stands above it, it says how many conditions there are."""
    kind = Filter(about=("leads", "deals"), by="object")
    assert kind.objects({}) == ("leads", "deals")
    assert kind.objects({"object": "deals"}) == ("deals",)
    assert kind.objects({"object": ""}) == ()
    plain = Reader()
    assert kind.plain({"and": [WEB, {"not": WEB}]}, plain) == "2 conditions"
    assert kind.plain({}, plain) == kind.text(None, plain) == ""
    assert kind.clean("  ", plain) is kind.clean({}, plain) is None
    assert json.loads(kind.text(kind.parse(json.dumps(WEB), plain), plain)) == WEB
    with pytest.raises(Invalid):
        Filter(required=True).clean({}, plain)
