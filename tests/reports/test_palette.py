"""Contrast by WCAG 2.2 (1.4.3 and 1.4.11), light and dark, as style.css has its colours."""

import re
from importlib.resources import files

import pytest

STYLE = (files("reports") / "templates" / "style.css").read_text(encoding="utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
    for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
)
SCHEMES = {"light": LIGHT, "dark": {**LIGHT, **DARK}}
TEXT = [
    *((ink, ground) for ink in ("ink", "soft", "teal") for ground in ("page", "card")),
    ("ink", "tint"),
    ("soft", "tint"),
    ("ochre", "card"),
    ("ink", "halo"),
    ("soft", "card"),
    ("ink", "shade"),
    ("ink", "band"),
    ("page", "teal"),
]
GRAPHICS = [
    ("teal", "page"),
    ("teal", "card"),
    ("teal", "band"),
    ("band-line", "page"),
    ("band-line", "card"),
    ("axis", "page"),
    ("axis", "card"),
    ("ochre", "page"),
    ("ochre", "ochre-fill"),
]


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_both_schemes_have_the_same_colours():
    assert LIGHT.keys() == DARK.keys()
    assert LIGHT["halo"] == LIGHT["page"]
    assert DARK["halo"] == DARK["page"]


def test_no_colour_stands_outside_the_palette():
    rules = re.sub(r":root \{.*?\}", "", STYLE, flags=re.DOTALL)
    assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b", rules)) <= {"#fff"}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_can_be_read(scheme, ink, ground):
    assert contrast(SCHEMES[scheme][ink], SCHEMES[scheme][ground]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("shape", "ground"), GRAPHICS)
def test_graphics_can_be_told_apart(scheme, shape, ground):
    assert contrast(SCHEMES[scheme][shape], SCHEMES[scheme][ground]) >= 3
