import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings

STATIC = settings.BASE_DIR / "static"
TEMPLATES = settings.BASE_DIR / "templates"
STYLESHEETS = sorted((STATIC / "css").rglob("*.css"))
# Where colors are told: those of the shop, and those of the admin's theme.
TOKENS = {"tokens.css", "admin-tokens.css"}
PAGES = sorted(path for path in TEMPLATES.rglob("*.html") if "emails" not in path.parts)

LITERAL_COLOR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch|oklab|lab|lch)a?\(", re.IGNORECASE)
PHYSICAL_PROPERTY = re.compile(
    r"^\s*(?:margin|padding|border)-(?:left|right|top|bottom)\b|^\s*(?:left|right|top|bottom):", re.M
)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def relative(path: Path) -> str:
    return str(path.relative_to(settings.BASE_DIR))


@pytest.mark.parametrize("path", [path for path in STYLESHEETS if path.name not in TOKENS], ids=relative)
def test_a_stylesheet_takes_its_colors_from_the_tokens(path: Path) -> None:
    assert LITERAL_COLOR.findall(COMMENT.sub("", path.read_text())) == []


def test_no_stylesheet_is_empty() -> None:
    assert [relative(path) for path in STYLESHEETS if "{" not in path.read_text()] == []


@pytest.mark.parametrize("path", STYLESHEETS, ids=relative)
def test_a_stylesheet_speaks_of_start_and_end_instead_of_left_and_right(path: Path) -> None:
    assert PHYSICAL_PROPERTY.findall(path.read_text()) == []


@pytest.mark.parametrize("path", STYLESHEETS, ids=relative)
def test_a_stylesheet_uses_only_tokens_that_exist(path: Path) -> None:
    # The admin's pages may load the shop's tokens beside their own, the shop's pages none of the admin's.
    sheets = TOKENS if path.name.startswith("admin") else {"tokens.css"}
    told = "".join((STATIC / "css" / name).read_text() for name in sheets) + path.read_text()
    defined = set(re.findall(r"(--[\w-]+):", told))
    assert set(re.findall(r"var\((--[\w-]+)", path.read_text())) <= defined


@pytest.mark.parametrize("path", PAGES, ids=relative)
def test_a_page_has_no_inline_style_script_or_handler(path: Path) -> None:
    source = path.read_text()
    assert re.findall(r"\sstyle=|<style|<script(?![^>]*\bsrc=)|\son[a-z]+=|hx-on", source) == []


@pytest.mark.parametrize("path", PAGES, ids=relative)
def test_a_page_names_only_icons_that_exist(path: Path) -> None:
    named = set(re.findall(r'components/icon\.html" with name="([\w-]+)"', path.read_text()))
    assert named <= {icon.stem for icon in (TEMPLATES / "components/icons").glob("*.svg")}


def test_what_every_page_loads_leaves_room_for_the_page_itself() -> None:
    shell = (TEMPLATES / "components/stylesheets.html").read_text() + (
        TEMPLATES / "components/scripts.html"
    ).read_text()
    paths = re.findall(r"{% static '([^']+)' %}", shell)
    assert "vendor/htmx/htmx.min.js" in paths
    assert sum(len(gzip.compress((STATIC / path).read_bytes())) for path in paths) < 38_000
