"""Formatted text lets through what was written, and nothing that runs, hides or calls home."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trato.engine.kinds import Invalid, RichText
from trato.engine.kinds.markup import words

from .examples import ID, SPANISH
from .test_contract import Checker

clean = RichText().clean


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("<p>Hi <b>you</b></p>", "<p>Hi <b>you</b></p>"),
        ("<P>Hi<BR/>you", "<p>Hi<br>you</p>"),
        ("<script>alert(1)</script><p>x</p>", "<p>x</p>"),
        ("<style>p{}</style><p>x</p>", "<p>x</p>"),
        ('<p onclick="alert(1)" style="color:red" class="a">x</p>', "<p>x</p>"),
        ('<a href="javascript:alert(1)">x</a>', '<a rel="noopener nofollow">x</a>'),
        ('<a href="java&#10;script:alert(1)">x</a>', '<a rel="noopener nofollow">x</a>'),
        (
            '<a href="https://x.com/?a=1&amp;b=2">x</a>',
            '<a href="https://x.com/?a=1&amp;b=2" rel="noopener nofollow">x</a>',
        ),
        ('<p>a</p><img src="https://tracker.example/p.gif">', "<p>a</p>"),
        ('<p>a</p><img src="data:image/png;base64,x">', "<p>a</p>"),
        (f'<img src="/w/acme/download/{ID}" alt="Plan" onerror="x">', f'<img src="/w/acme/download/{ID}" alt="Plan">'),
        ("<svg><script>alert(1)</script></svg><p>x</p>", "<p>x</p>"),
        ("<math><mi//xlink:href='data:x'></math><p>x</p>", "<p>x</p>"),
        ("<!-- secret --><p>x</p>", "<p>x</p>"),
        ("<p>1 < 2 & 3</p>", "<p>1 &lt; 2 &amp; 3</p>"),
        ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
        ("<b><i>x</b>y</i>", "<b><i>x</i></b>y"),
        ("<p>a<p>b", "<p>a</p><p>b</p>"),
        ("<span>just words</span>", "<p>just words</p>"),
        ("plain & < simple\n\nnext\nline", "<p>plain &amp; &lt; simple</p><p>next<br>line</p>"),
        ("<p> </p><div></div>", ""),
        ("<p>unclosed <b", "<p>unclosed &lt;b</p>"),
        ('<p title="a>b">x</p>', "<p>x</p>"),
        ("<p title=it's>x</p>", "<p>x</p>"),
    ],
)
def test_what_stays(source, result):
    assert clean(source, SPANISH) == result
    assert clean(result, SPANISH) == result


# What has run in some browser once (after the OWASP cheat sheet of filter evasion).
EVASIONS = [
    "<img src=x onerror=alert(1)>",
    "<IMG SRC=javascript:alert('x')>",
    '<IMG """><SCRIPT>alert(1)</SCRIPT>">',
    "<<SCRIPT>alert(1);//<</SCRIPT>",
    "<SCRIPT SRC=//x.example/j",
    '<iframe srcdoc="<script>alert(1)</script>">',
    "<body onload=alert(1)>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<textarea><p title="</textarea><img src=x onerror=alert(1)>">',
    "<form><button formaction=javascript:alert(1)>x",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    "<a href='&#x6A;avascript:alert(1)'>x</a>",
    '<p><a href="vbscript:x">x</a><base href=//x><meta http-equiv=refresh content=0></p>',
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php <script>alert(1)</script> ?>",
    "</p/><script>alert(1)</script>",
    "<p/onclick=alert(1)>x",
    '<a href="https://x.com" target=_blank rel=opener>x</a>',
]


@pytest.mark.parametrize("source", EVASIONS)
def test_nothing_runs(source):
    result = clean(source, SPANISH)
    Checker(result)
    assert not any(
        word in result.lower() for word in ("onerror=", "onload=", "onclick=", "<script", "srcdoc", "target=")
    )
    assert clean(result, SPANISH) == result


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                *("<p>", "</p>", "<b>", "</b>", "<a href=x>", "</a>", "<ul>", "</ul>", "<li>", "<table>", "</table>"),
                *("<!--", "-->", "<", ">", '"', "'", "text", "&lt;", "&", "<br>", "<div a='", "<script>", "</script>"),
                *(
                    "<blockquote>",
                    "</blockquote>",
                    "<h1>",
                    "</h1>",
                    "<pre>",
                    "\n",
                    " ",
                    "<svg>",
                    "<img src=x>",
                    "\u00a0",
                ),
                *("</", "<td>", "<tr>", "<tbody>", "</td>", "<h2>", "\u0338", "&#13;", "&#27;", "e\u0301", "&#xD800;"),
            ]
        ),
        max_size=30,
    )
)
def test_any_soup_becomes_sound_and_stays_as_it_is(pieces):
    result = clean("".join(pieces), SPANISH)
    Checker(result)
    assert clean(result, SPANISH) == result


def test_too_deep_is_refused_before_it_costs_anything():
    assert clean("<div>" * 200 + "x", SPANISH).count("<div>") == 200
    for source in (
        "<div>" * 201,
        "<div>" * 30_000,
        "<b><i>" * 10_000,
        "<ul><li>" * 10_000,
        "<div><!--</div>-->" * 5_000,
    ):
        with pytest.raises(Invalid) as caught:
            clean(source + "x", SPANISH)
        assert caught.value.code == "too_deep"


@pytest.mark.parametrize(
    "unit",
    [
        *("<", "<a ", '<a "', "<a '\"", '<a">"', "<!--", "<script", "<p>x</p>", "<p><b>", "</p>", "&", "<p a=", "<td>"),
        *("<a href=x>", "<b></p>x", "<table><b>", "<i><p>x</i>", "<li><b>x", "<tr><a href=y>z"),
    ],
)
def test_no_input_makes_its_result_huge_or_takes_for_ever(unit):
    source = (unit * 200_000)[:200_000]
    try:
        assert len(clean(source, SPANISH)) <= 200_000
    except Invalid as problem:
        assert problem.code in ("too_deep", "too_long")


def test_its_words_are_on_one_line():
    assert words("<p>One<br>two</p><ul><li>three &amp; <b>fo</b>ur</li></ul>") == "One two three & four"
    assert RichText().cell("<p>a &lt;b&gt;</p>", SPANISH) == "a &lt;b&gt;"
