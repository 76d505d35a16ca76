"""Whatever somebody calls themselves, a card shows that name and nothing else, or refuses it."""

import unicodedata
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.content_check import CLAIMS
from shared.domain.errors import InvalidRequestError
from shared.domain.lettering import drawable_characters, is_drawable
from shared.domain.share import NICKNAME_LENGTH_MAX, checked_nickname
from shared.domain.share_page import share_page
from tests.support.shares import LINK, a_share, draw

SVG = "{http://www.w3.org/2000/svg}"
# Far likelier than among all texts.
MARKUP = st.text(alphabet="<>\"'&;/=`]!-- svgonloadscript王明", max_size=30)
DRAWABLE = st.text(alphabet=drawable_characters(), min_size=1, max_size=NICKNAME_LENGTH_MAX)
NAMES = st.one_of(st.text(max_size=30), MARKUP, DRAWABLE)
PLAIN_NAMES = st.text(
    alphabet="王李张小明骑行者玥甲乙丙丁春夏秋冬", min_size=1, max_size=NICKNAME_LENGTH_MAX
)
TAGS = {
    "html", "head", "meta", "title", "style", "body", "main", "h1", "p", "br", "img",
}  # fmt: skip


class Tags(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}


@given(NAMES)
def test_a_nickname_is_refused_or_can_be_shown_as_it_is(text: str):
    try:
        name = checked_nickname(text)
    except InvalidRequestError:
        return
    assert 1 <= len(name) <= NICKNAME_LENGTH_MAX
    assert all(map(is_drawable, name))
    assert not set(name) & set("<>`{}\\")
    letters = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", name).casefold()))
    assert not any(claim in letters for claim in CLAIMS)
    # What was accepted once is accepted again, unchanged.
    assert checked_nickname(name) == name


@given(PLAIN_NAMES)
def test_a_plain_chinese_name_is_never_refused(name: str):
    assert checked_nickname(name) == name


@given(NAMES)
def test_even_an_unchecked_name_is_text_in_the_picture_and_in_the_page(text: str):
    facts: dict[str, Any] = {"nickname": f"名{text}", "language": "zh-Hans"}
    tree = ET.fromstring(draw(**facts))  # noqa: S314 - our own
    assert {each.tag for each in tree.iter()} <= {
        SVG + tag for tag in ("svg", "title", "rect", "path", "text")
    }
    page = Tags()
    page.feed(share_page(a_share(**facts), link=LINK, picture=f"{LINK}/card.png"))
    assert page.names <= TAGS
    assert not any(name.startswith("on") for name in page.attributes)
