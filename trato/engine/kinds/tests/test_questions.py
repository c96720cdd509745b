"""Questions that lead to each other, and names with values: what may be said, and what forms send."""

import json

import pytest

from trato.engine.kinds import Invalid, Pairs, Questions, Reader, Typed
from trato.engine.kinds.questions import pressed, problem, sent

READER = Reader()
SCRIPT = [
    {"id": "uses", "ask": "Do you use a machine?", "kind": "yes_no", "next": {"yes": "which", "no": "cups"}},
    {"id": "which", "ask": "Which one?", "kind": "choice", "choices": ["Ours", "Another"], "next": "bye"},
    {"id": "cups", "ask": "How many cups a day?", "kind": "number", "field": "custom.cups"},
    {"id": "bye", "ask": "Anything else?", "kind": "text", "next": None},
]


def one(**values):
    return {"id": "a", "ask": "A?", "kind": "text"} | values


@pytest.mark.parametrize(
    ("questions", "words"),
    [
        ({"id": "a"}, "list"),
        ([[]], "Question 1: it needs an “id”"),
        ([one(), {"id": 3}], "Question 2: it needs an “id”"),
        ([one(id="A b")], "“id”"),
        ([one(ask=" ")], "Question 1: write what is asked"),
        ([one(ask="x" * 301)], "at most 300"),
        ([one(kind="colour")], "“kind”"),
        ([one(kind=["text"])], "“kind”"),
        ([one(kind="choice")], "write the answers to choose from"),
        ([one(choices=["a"])], "“choices”"),
        ([one(kind="choice", choices=["a", "a"])], "different"),
        ([one(kind="choice", choices=[{}])], "different"),
        ([one(next=3)], "“next”"),
        ([one(next={"x": 3})], "“next”"),
        ([one(kind="yes_no", next={"maybe": "a"})], "maybe"),
        ([one(next="b")], "goes on to “b”, which is none of these questions"),
        ([one(), one()], "Two questions"),
        ([one(surprise=1)], "surprise"),
        ([one(field=["x"])], "field"),
        ([one(next="a")], "in a circle: 1 → 1"),
        ([one(), one(id="b", next={"x": "c"}), one(id="c", next="a")], "circle"),
        ([one(id=f"q{n}") for n in range(61)], "at most 60"),
    ],
)
def test_questions_that_lead_nowhere_are_told(questions, words):
    assert words in problem(questions)
    with pytest.raises(Invalid):
        Questions().clean(questions, READER)
    with pytest.raises(Invalid):
        Questions().parse(json.dumps(questions), READER)


def test_ways_that_meet_again_are_no_circle():
    assert problem([one(next={"x": "c"}), one(id="b"), one(id="c")]) == ""
    assert problem(SCRIPT) == ""


def test_in_words():
    assert Questions().plain(SCRIPT, READER) == (
        "1. Do you use a machine? (Yes → 2, No → 3) 2. Which one? (Ours → 4, Another → 4) 3. How many cups a day? "
        "4. Anything else? (→ end)"
    )
    others = [one(next={"a": None, "": "b"}), one(id="b", ask="<B>?")]
    assert Questions().plain(others, READER) == "1. A? (a → end, anything else → 2) 2. <B>?"
    chosen = [one(kind="choice", choices=["x", "y", "z"], next={"x": None, "z": "b"}), one(id="b")]
    assert Questions().plain(chosen, READER) == "1. A? (x → end, y, z → 2) 2. A?"
    assert "&lt;B&gt;?" in Questions().show(others, READER)
    assert Questions().plain(None, READER) == Questions().show(None, READER) == ""


FORM = {
    "q-0-id": "uses",
    "q-0-ask": " Do you use a machine? ",
    "q-0-kind": "yes_no",
    "q-0-answer-0": "yes",
    "q-0-to-0": "which",
    "q-0-answer-1": "no",
    "q-0-to-1": "cups",
    "q-0-then": "",
    "q-1-id": "which",
    "q-1-ask": "Which one?",
    "q-1-kind": "choice",
    "q-1-answer-0": "Ours",
    "q-1-to-0": "",
    "q-1-answer-1": "",
    "q-1-to-1": "cups",
    "q-1-answer-2": "Another",
    "q-1-then": "bye",
    "q-2-id": "cups",
    "q-2-ask": "How many cups a day?",
    "q-2-kind": "number",
    "q-2-field": "custom.cups",
    "q-3-id": "bye",
    "q-3-ask": "Anything else?",
    "q-3-kind": "text",
    "q-3-then": "-",
    "q-4-id": "",
    "q-4-ask": "",
    "q-4-kind": "choice",
}


def test_what_a_form_sends_is_what_is_kept():
    """The same four questions, one that was left empty, and an answer that was left empty."""
    assert Questions().from_form(FORM, "q", READER) == SCRIPT
    assert Questions().from_form({}, "q", READER) is None
    assert Questions().from_form({"q": json.dumps(SCRIPT)}, "q", READER) == SCRIPT
    renamed = FORM | {"q-1-to-0": "cups", "q-1-answer-0": "Theirs"}
    assert Questions().from_form(renamed, "q", READER)[1]["next"] == {"Theirs": "cups", "": "bye"}
    with pytest.raises(Invalid, match="Question 5: write what is asked"):
        Questions().from_form(FORM | {"q-4-answer-0": "Yes"}, "q", READER)  # an answer to nothing
    with pytest.raises(Invalid):
        Questions(required=True).from_form({}, "q", READER)


def test_buttons_add_move_and_take_out():
    ids = [each["id"] for each in pressed(SCRIPT, "add")]
    assert ids == ["uses", "which", "cups", "bye", "q1"]
    assert [each["id"] for each in pressed(SCRIPT, "up 2")] == ["uses", "cups", "which", "bye"]
    assert [each["id"] for each in pressed(SCRIPT, "down 0")] == ["which", "uses", "cups", "bye"]
    form = {"q-0-ask": "A?", "q-1-ask": "", "q-1-spare": "1", "q-do": "add"}
    assert [each["ask"] for each in Questions().drafts("q", Typed(form))] == ["A?", ""], "one that nobody filled in"
    filled = Questions().from_form(form | {"q-1-ask": "B?"}, "q", READER)
    assert [each["id"] for each in filled] == ["q1", "q2"]
    for nothing in ("up 0", "down 3", "remove 9", "remove x", "", "add" * 9, "up ²"):
        assert pressed(SCRIPT, nothing) == SCRIPT
    left = pressed(SCRIPT, "remove 1")
    assert left[0]["next"] == {"no": "cups"}, "what led to it goes on to what stands next"
    assert pressed(left, "remove 1")[0] == {"id": "uses", "ask": "Do you use a machine?", "kind": "yes_no"}
    assert len(pressed([one(id=f"q{n}") for n in range(60)], "add")) == 60


@pytest.mark.parametrize("hostile", ["\0", "<script>", "x" * 100_000, "²", "-1", "\ud800"])
def test_whatever_a_form_sends_is_refused_or_kept(hostile):
    for key in FORM:
        data = FORM | {key: hostile}
        try:
            Questions().from_form(data, "q", READER)
        except Invalid as wrong:
            assert str(wrong)
        assert sent(data | {"q-do": hostile}, "q")
        assert Questions().drafts("q", Typed(data | {"q-do": f"up {hostile}"}))


# -- names with values ----------------------------------------------------------------------------------------------


def test_pairs_are_written_line_by_line_and_said_in_words():
    kind, two = Pairs(), {"size": "250 g", "grind": "fine"}
    assert kind.plain(two, READER) == "size: 250 g, grind: fine"
    form = {"o-0-name": "size", "o-0-value": "250 g", "o-1-name": " grind ", "o-1-value": "fine", "o-2-name": ""}
    assert kind.from_form(form, "o", READER) == two
    assert kind.from_form({"o-0-name": "", "o-0-value": ""}, "o", READER) is None
    assert kind.parse("size: 250 g; grind: fine;", READER) == two
    assert kind.parse(kind.text(two, READER), READER) == two
    assert kind.clean({"boxes": 3}, READER) == {"boxes": 3}
    shown = kind.input("o", two, READER, id="i")
    assert 'value="250 g"' in shown and 'name="o-3-name"' in shown
    assert 'value="gone"' in kind.input("o", Typed({"o-7-value": "gone"}), READER, id="i")


@pytest.mark.parametrize(
    "wrong", [[], [1], {"": "x"}, {"a": None}, {"a": {}}, {"a": 1.5}, {"a": True}, {"a" * 201: "x"}, {"a": "x" * 201}]
)
def test_pairs_are_texts_by_names(wrong):
    with pytest.raises(Invalid):
        Pairs().clean(wrong or ["x"], READER)


@pytest.mark.parametrize("wrong", ["size", "size:", ": 3", "a: 1; a: 2", "{", "[1]", '{"a": []}'])
def test_text_that_names_nothing_is_refused(wrong):
    with pytest.raises(Invalid):
        Pairs().parse(wrong, READER)


@pytest.mark.parametrize(
    "form",
    [
        {"o-0-name": "", "o-0-value": "x"},
        {"o-0-name": "a", "o-0-value": "x", "o-1-name": "a", "o-1-value": "y"},
    ],
)
def test_a_value_without_a_name_and_a_name_twice_are_told(form):
    with pytest.raises(Invalid):
        Pairs().from_form(form, "o", READER)
