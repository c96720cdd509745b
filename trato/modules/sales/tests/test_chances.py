"""Win chances against hand calculation, and an oracle that multiplies fractions instead of adding logarithms."""

from fractions import Fraction
from math import log, prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trato.modules.sales.rules.chances import (
    HAD,
    LASTED,
    NAMED,
    Asked,
    Example,
    calibrate,
    is_enough,
    judge,
    learn,
)


def test_a_chance_worked_out_by_hand():
    # 15 won, 5 lost. Of the won 10 came from the fair and 5 from the web; the lost ones came from the web.
    examples = [Example(True, named={"source": "fair"})] * 10
    examples += [Example(True, named={"source": "web"})] * 5 + [Example(False, named={"source": "web"})] * 5
    model = learn(examples)
    assert model["source"] == {"fair": [10, 0], "web": [5, 5]}
    # Prior odds (15+1)/(5+1) = 8/3. Fair: (10+1)/(15+2) = 11/17 against (0+1)/(5+2) = 1/7: 77/17. Odds 616/51.
    verdict = judge(model, Asked(named={"source": "fair"}))
    assert verdict.chance == pytest.approx(616 / 667)
    (reason,) = verdict.reasons
    assert (reason.feature, reason.value, reason.won, reason.lost) == ("source", "fair", 10, 0)
    assert reason.weight == pytest.approx(log(77 / 17))
    # Web: (5+1)/(15+2) = 6/17 against (5+1)/(5+2) = 6/7: 7/17. Odds 56/51.
    assert judge(model, Asked(named={"source": "web"})).chance == pytest.approx(56 / 107)
    # What nobody had says nothing: the prior odds are 8/3.
    assert judge(model, Asked(named={"source": "letter"})).chance == pytest.approx(8 / 11)


def test_what_hardly_any_deal_had_says_nothing():
    model = learn([Example(True, named={"source": "rare"})] * 4 + [Example(False)] * 4)
    assert judge(model, Asked(named={"source": "rare"})).chance == pytest.approx(0.5)


def test_an_early_stage_is_not_held_against_a_deal():
    """Every deal passes the first stage; that only the lost ones ended there tells nothing of one that stands there."""
    won = Example(True, path=(("first", 0), ("second", 5)))
    lost = Example(False, path=(("first", 0),))
    model = learn([won] * 10 + [lost] * 10)
    assert judge(model, Asked(stage="first")).chance == pytest.approx(0.5)
    # Second: (10+1)/(10+2) = 11/12 of the won, (0+1)/(10+2) = 1/12 of the lost came there: odds 11.
    assert judge(model, Asked(stage="second")).chance == pytest.approx(11 / 12)


def test_the_strongest_reasons_come_first_on_either_side():
    good = {"source": "fair", "country": "ES", "industry": "Hotel", "owner": "a"}
    bad = {"source": "web", "country": "FR", "industry": "Office", "owner": "b"}
    model = learn([Example(True, named=good)] * 8 + [Example(False, named=bad)] * 8 + [Example(True, named=bad)])
    verdict = judge(model, Asked(named=good | {"owner": "b"}))
    assert len(verdict.best(1)) == 3 and len(verdict.best(-1)) == 1
    weights = [reason.weight for reason in verdict.best(1)]
    assert weights == sorted(weights, reverse=True)
    assert verdict.best(-1)[0].feature == "owner"


EXAMPLES = st.lists(
    st.builds(
        Example,
        won=st.booleans(),
        path=st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 50)), max_size=4).map(tuple),
        days=st.floats(0, 500),
        happened=st.lists(st.floats(0, 500), max_size=30).map(tuple),
        named=st.dictionaries(st.sampled_from(NAMED), st.sampled_from(["", "x", "y", "z"])),
    ),
    min_size=1,
    max_size=60,
)
QUESTIONS = st.builds(
    Asked,
    stage=st.sampled_from("abcd"),
    days=st.floats(0, 600),
    activities=st.integers(0, 40),
    named=st.dictionaries(st.sampled_from(NAMED), st.sampled_from(["", "x", "y", "w"])),
)


def oracle(examples: list[Example], asked: Asked) -> Fraction:
    """Bayes' rule over the examples themselves: prior times likelihoods of either outcome, as exact fractions."""

    def passed(name: str, value: object) -> list[Example]:
        if name == "stage":
            return [each for each in examples if value in [stage for stage, _day in each.path]]
        if name == "days":
            return [each for each in examples if each.days >= value]
        return [each for each in examples if len(each.happened) >= value]

    def likelihood(outcome: bool) -> Fraction:
        mine = [each for each in examples if each.won is outcome]
        parts = [Fraction(len(mine) + 1, len(examples) + 2)]
        known = {stage for each in examples for stage, _day in each.path}
        events = [("stage", asked.stage)] if asked.stage in known else []
        events += [("days", max((step for step in LASTED if asked.days >= step), default=None))]
        events += [("activities", max((step for step in HAD if asked.activities >= step), default=None))]
        for name, value in events:
            if value is not None and len(passed(name, value)) >= 5:
                having = [each for each in passed(name, value) if each.won is outcome]
                parts.append(Fraction(len(having) + 1, len(mine) + 2))
        for name, value in asked.named.items():
            told = [each.named.get(name) for each in examples if each.named.get(name)]
            if value and told.count(value) >= 5:
                ours = [each.named.get(name) for each in mine if each.named.get(name)]
                parts.append(Fraction(ours.count(value) + 1, len(ours) + len(set(told))))
        return prod(parts)

    won, lost = likelihood(True), likelihood(False)
    return won / (won + lost)


@settings(max_examples=200, deadline=None)
@given(EXAMPLES, QUESTIONS)
def test_chances_are_those_of_the_oracle(examples: list[Example], asked: Asked):
    assert judge(learn(examples), asked).chance == pytest.approx(float(oracle(examples, asked)))


def test_a_history_too_short_teaches_nothing():
    assert not is_enough({})
    assert not is_enough(learn([Example(True)] * 100 + [Example(False)] * 19))
    assert is_enough(learn([Example(True)] * 20 + [Example(False)] * 20))
    assert calibrate([Example(True)] * 60 + [Example(False)] * 19) == {}


def test_calibration_worked_out_by_hand():
    """40 older deals teach that half is won. Of the 10 held out 7 were won, all told 1/2: Brier 1/4, one bin."""
    old = [Example(True), Example(False)] * 20
    held = [Example(True)] * 7 + [Example(False)] * 3
    told = calibrate(old + held)
    assert told["deals"] == 10
    assert told["brier"] == pytest.approx(0.25)
    assert told["base"] == pytest.approx(0.25)
    assert told["bins"] == [[0.5, 0.6, 10, pytest.approx(0.5), pytest.approx(0.7)]]


def test_held_out_deals_are_told_by_half_their_life_only():
    """What came in the second half of its life isn't known of a deal yet when it is foretold."""
    deal = Example(True, path=(("a", 0), ("b", 4), ("c", 6)), days=10, happened=(1, 4, 9), named={"source": "web"})
    assert deal.upto(5) == Asked("b", 5, 2, {"source": "web"})
