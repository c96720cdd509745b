"""From the text of a formula to its tree: a small grammar, read by precedence climbing.

    price * quantity * (1 - discount / 100)
    if(lifecycle = "customer", sum(calls.about.minutes where outcome = "reached"), 0)

There are numbers, texts in quotes, ``true``, ``false`` and ``empty``; names of fields, over links with dots; functions;
``* / + -``, comparisons, ``not``, ``and``, ``or``, in this order of strength. A name with a hyphen stands in brackets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

#: Characters, parts and levels of one formula.
LONGEST, WIDEST, DEEPEST = 2_000, 300, 30
#: Digits a number may have, as number fields do.
MOST_DIGITS = 15

TOKEN = re.compile(
    r"""(?P<space>\s+)
    | (?P<number>\d+(?:\.\d+)?)
    | (?P<text>"(?:[^"]|"")*"|'(?:[^']|'')*')
    | (?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*|\[[a-z][\w.-]*\])
    | (?P<sign><=|>=|<>|!=|[-+*/=<>(),])""",
    re.VERBOSE | re.ASCII,
)
STRENGTH = {"or": 1, "and": 2, **dict.fromkeys(("=", "<>", "<", "<=", ">", ">="), 4), "+": 5, "-": 5, "*": 6, "/": 6}
NOT, COMPARED, NEGATED = 3, 4, 7
WORDS = ("and", "or", "not", "where", "true", "false", "empty")


class BadExpression(ValueError):
    """A formula that can't be worked out; ``at`` is the place of the part that is wrong, counted from 0."""

    def __init__(self, at: int, message: str) -> None:
        super().__init__(_("At character %(at)s: %(message)s") % {"at": at + 1, "message": message})
        self.at, self.message = at, message


@dataclass(frozen=True)
class Node:
    """A part of a formula, and where it begins in the text."""

    at: int


@dataclass(frozen=True)
class Literal(Node):
    """A value that stands in the text; None is ``empty``."""

    value: Decimal | str | bool | None


@dataclass(frozen=True)
class Name(Node):
    """A field, maybe over links: ``account.industry``."""

    path: str


@dataclass(frozen=True)
class Call(Node):
    """A function or an operator with what it is given; ``where`` is the condition on related records."""

    function: str
    arguments: tuple[Node, ...]
    where: Node | None = None


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    at: int


def parse(text: str) -> Node:
    """The tree of a formula; raises BadExpression."""
    if len(text) > LONGEST:
        raise BadExpression(LONGEST, _("A formula has at most %(n)s characters.") % {"n": LONGEST})
    if (strange := re.search("[\0\ud800-\udfff]", text)) is not None:
        raise BadExpression(strange.start(), _("A formula can't hold this character."))
    parser = _Parser(list(_tokens(text)))
    found = parser.expression(0)
    if parser.now.kind != "end":
        raise parser.unexpected()
    return found


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        found = TOKEN.match(text, at)
        if not found:
            words = _("“%(sign)s” means nothing here.") % {"sign": text[at]}
            raise BadExpression(at, _("This text has no end: close its quotes.") if text[at] in "\"'" else words)
        kind, at = found.lastgroup or "", found.end()
        if kind != "space":
            said = found[0].strip("[]") if kind == "name" else found[0]
            yield Token("word" if said.lower() in WORDS and kind == "name" else kind, said, found.start())
    yield Token("end", "", len(text))


class _Parser:
    """Reads tokens from the left; remembers how much it has read, so that no formula grows without bound."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens, self.place, self.parts, self.depth = tokens, 0, 0, 0

    @property
    def now(self) -> Token:
        """The token that is to be read next."""
        return self.tokens[self.place]

    def take(self) -> Token:
        """Read one token."""
        token = self.now
        self.place += 1
        self.parts += 1
        if self.parts > WIDEST:
            raise BadExpression(token.at, _("This formula is too large: it has more than %(n)s parts.") % {"n": WIDEST})
        return token

    def said(self, *texts: str) -> bool:
        """Whether one of these signs or words is next."""
        return self.now.kind in ("sign", "word") and self.now.text.lower() in texts

    def unexpected(self) -> BadExpression:
        """What is wrong with the next token."""
        if self.now.kind == "end":
            return BadExpression(self.now.at, _("The formula ends too early: a value or “)” is missing."))
        words = _("“%(word)s” does not fit here; is an operator or a comma missing before it?")
        return BadExpression(self.now.at, words % {"word": self.now.text[:40]})

    def expression(self, weakest: int) -> Node:
        """All that binds at least as strongly as ``weakest``."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise BadExpression(self.now.at, _("This formula nests too deeply."))
        left = self.operand()
        while (sign := self.operator()) and STRENGTH[sign] >= max(weakest, 1):
            at = self.take().at
            right = self.expression(STRENGTH[sign] + 1)
            left = Call(at, sign, (left, right))
            if STRENGTH[sign] == COMPARED and STRENGTH.get(self.operator()) == COMPARED:
                raise BadExpression(self.now.at, _("Compare two values at a time, joined with “and”."))
        self.depth -= 1
        return left

    def operator(self) -> str:
        """The operator that is next, "" for none."""
        text = self.now.text.lower() if self.now.kind in ("sign", "word") else ""
        text = "<>" if text == "!=" else text
        return text if text in STRENGTH else ""

    def operand(self) -> Node:
        """One value: a literal, a field, a function, something in parentheses, or one of these negated."""
        token = self.now
        if self.said("-"):
            self.take()
            return Call(token.at, "negative", (self.expression(NEGATED),))
        if self.said("not"):
            self.take()
            return Call(token.at, "not", (self.expression(NOT),))
        if self.said("("):
            self.take()
            inner = self.expression(0)
            self.close()
            return inner
        if token.kind not in ("number", "text", "name") and not self.said("true", "false", "empty"):
            raise self.unexpected()
        self.take()
        if token.kind == "name":
            return self.call(token) if self.said("(") else Name(token.at, token.text)
        return Literal(token.at, _value(token))

    def call(self, name: Token) -> Call:
        """What stands in the parentheses after a function's name."""
        self.take()
        arguments, where = [], None
        if not self.said(")"):
            arguments.append(self.expression(0))
            while self.said(","):
                self.take()
                arguments.append(self.expression(0))
            if self.said("where"):
                self.take()
                where = self.expression(0)
        self.close()
        return Call(name.at, name.text.lower(), tuple(arguments), where)

    def close(self) -> None:
        """Read the closing parenthesis."""
        if not self.said(")"):
            raise self.unexpected()
        self.take()


def _value(token: Token) -> Decimal | str | bool | None:
    """What a literal stands for; raises BadExpression."""
    if token.kind == "number":
        if len(token.text.replace(".", "")) > MOST_DIGITS:
            raise BadExpression(token.at, _("A number has at most %(n)s digits.") % {"n": MOST_DIGITS})
        return Decimal(token.text)
    if token.kind == "text":
        quote = token.text[0]
        return token.text[1:-1].replace(quote * 2, quote)
    return {"true": True, "false": False}.get(token.text.lower())
