"""A mail as text and as HTML: paragraphs, and one link as a button."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from ..printing import letterhead

FONT = "font-family:-apple-system,'Segoe UI',Roboto,Arial,sans-serif;font-size:16px;line-height:1.5;color:#1a2124"
PAGE = Markup(
    '<!doctype html><html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" '
    'content="width=device-width"></head><body style="margin:0;padding:24px;background:#ffffff">'
    '<div style="max-width:560px;margin:0 auto;{font}"><p style="margin:0 0 24px;padding:0 0 12px;'
    'border-bottom:2px solid {colour};font-weight:600">{name}</p>{body}'
    '<p style="margin:32px 0 0;font-size:12px;color:#586369">{foot}</p></div></body></html>'
)
PARAGRAPH = Markup('<p style="margin:0 0 16px">{}</p>')
BUTTON = Markup(
    '<p style="margin:24px 0"><a href="{}" style="display:inline-block;padding:12px 20px;border-radius:6px;'
    'background:{};color:{};text-decoration:none;font-weight:600">{}</a></p>'
    '<p style="margin:0 0 16px;font-size:12px;color:#586369;word-break:break-all">{}</p>'
)
BREAK = Markup("<br>")


def written(
    language: str, before: Iterable[str], link: tuple[str, str] | None = None, after: Iterable[str] = ()
) -> tuple[str, str]:
    """The text and the HTML of a mail: paragraphs, a link as (words, address), paragraphs; all of them plain texts
    (inside ``in_workspace``).
    """
    before, after = list(before), list(after)
    _workspace, sender = letterhead.current()
    blocks = [*before, *([f"{link[0]}:\n{link[1]}"] if link else []), *after]
    foot = [sender["name"], *sender["address"]]
    text = "\n\n".join(blocks) + "\n\n-- \n" + "\n".join(foot) + "\n"
    parts = [PARAGRAPH.format(_broken(one)) for one in before]
    if link:
        parts.append(BUTTON.format(link[1], sender["colour"], letterhead.ink_on(sender["colour"]), link[0], link[1]))
    parts += [PARAGRAPH.format(_broken(one)) for one in after]
    html = PAGE.format(
        language=language,
        font=FONT,
        colour=sender["colour"],
        name=sender["name"],
        body=Markup("").join(parts),
        foot=Markup(" · ").join(foot),
    )
    return text, str(html)


def _broken(text: str) -> Markup:
    return BREAK.join(text.splitlines())
