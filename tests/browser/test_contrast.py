"""Every badge can be read: WCAG's contrast of its text on its ground, of the built style, in both themes."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from trato.engine.kinds.options import COLOURS

pytestmark = pytest.mark.browser
CSS = Path(__file__).parents[2] / "trato/web/static/trato/app.css"
#: What badges stand on: the page, a row under the pointer, the side, a menu; and no badge of a colour: a plain one.
GROUNDS = ("--surface", "--soft", "--side", "--raised")
#: The bytes of a colour, however the style says it: a canvas paints it over its ground.
PAINTED = """([text, ...grounds]) => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const paint = (...layers) => {
    for (const layer of layers) { canvas.fillStyle = layer; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  return [paint(...grounds), paint(...grounds, text)];
}"""


def luminance(rgb: list[int]) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: list[int], other: list[int]) -> float:
    """WCAG 2.2, contrast ratio."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_is_wcags() -> None:
    assert contrast([0, 0, 0], [255, 255, 255]) == pytest.approx(21)
    assert contrast([118, 118, 118], [255, 255, 255]) == pytest.approx(
        4.54, abs=0.005
    )  # the known limit of grey on white


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_badge_reads_well(browser: Browser, theme: str) -> None:
    badges = "".join(f'<span class="badge bg-{colour}-lt">{colour}</span>' for colour in COLOURS)
    context = browser.new_context(color_scheme=theme)
    page = context.new_page()
    page.set_content(f'<html data-bs-theme="{theme}"><body><span class="badge">plain</span>{badges}</body></html>')
    page.add_style_tag(path=CSS)
    said = "el => [getComputedStyle(el).color, getComputedStyle(el).backgroundColor]"
    weak = {}
    for badge in page.locator(".badge").all():
        ink, fill = badge.evaluate(said)
        for name in GROUNDS:
            below = page.evaluate(
                "name => { document.body.style.background = `var(${name})`;"
                " return getComputedStyle(document.body).backgroundColor }",
                name,
            )
            ground, text = page.evaluate(PAINTED, [ink, below, fill])
            if (found := contrast(ground, text)) < 4.5:
                weak[badge.inner_text(), name] = round(found, 2)
    context.close()
    assert not weak
