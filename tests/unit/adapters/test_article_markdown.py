"""What an article may say, and that nothing else gets through."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.adapters.article_markdown import render
from shared.domain.asset import Picture

KEYS = ("ministry", "metro-report")
HTML = "has HTML"
LINK = "has a link that leads to neither https: nor an article"
TITLE = "has a title on a link or a picture, which no page shows"


def flaws(markdown: str) -> tuple[str, ...]:
    return render(markdown, KEYS).flaws


def test_a_citation_shows_the_place_of_its_source():
    done = render("Said so[^metro-report], and so [^ministry].", KEYS)
    assert done.html == (
        '<p>Said so<sup data-source="2">[2]</sup>, and so <sup data-source="1">[1]</sup>.</p>\n'
    )
    assert done.cited == {"ministry", "metro-report"}
    assert done.flaws == ()


def test_an_escaped_or_quoted_citation_is_text():
    assert render("\\[^ministry] and `[^ministry]`", KEYS).cited == frozenset()


def test_links_lead_to_https_and_to_other_articles():
    done = render("[a](https://example.org/x?a=1&b=2) and [b](content:grid-factor)", KEYS)
    assert done.html == (
        '<p><a href="https://example.org/x?a=1&amp;b=2" rel="noopener noreferrer">a</a> and '
        '<a href="#/contents/grid-factor" rel="noopener noreferrer">b</a></p>\n'
    )
    assert done.articles == {"grid-factor"}
    assert done.flaws == ()


def test_a_table_and_a_list_are_rendered():
    html = render("| a | b |\n|---|--:|\n| 1 | 2 |\n\n3. x\n4. y", KEYS).html
    assert "<td>1</td>" in html
    assert '<ol start="3">' in html
    assert "style" not in html


def test_words_are_found_without_their_mark_up():
    done = render("## 排放\n\n减**排**量\n与`码`。\n\n| 甲 |\n|---|\n| 乙 |\n\n    block", KEYS)
    assert done.plain == "排放 减排量 与码。 甲 乙 block\n"


@pytest.mark.parametrize(
    ("markdown", "flaw"),
    [
        ("a\n\n<script>alert(1)</script>", f"line 3: {HTML}"),
        ("<img src=x onerror=alert(1)>", f"line 1: {HTML}"),
        ("a <b>b</b>", f"line 1: {HTML}"),
        ("<!-- a -->", f"line 1: {HTML}"),
        ("- <svg onload=alert(1)>", f"line 1: {HTML}"),
        ("| a |\n|---|\n| <i>b</i> |", f"line 3: {HTML}"),
        ("[a](javascript:alert%281%29)", f"line 1: {LINK}"),
        ("[a](JaVaScRiPt:alert%281%29)", f"line 1: {LINK}"),
        ("[a](&#106;avascript:alert%281%29)", f"line 1: {LINK}"),
        ("[a](<java\tscript:alert(1)>)", f"line 1: {LINK}"),
        ("<javascript:alert(1)>", f"line 1: {LINK}"),
        ("[a](data:text/html;base64,PHA+)", f"line 1: {LINK}"),
        ("[a](http://example.org)", f"line 1: {LINK}"),
        ("[a](//example.org)", f"line 1: {LINK}"),
        ("[a](/v1/me/account)", f"line 1: {LINK}"),
        ("[a](https://bank@example.org)", f"line 1: {LINK}"),
        ("[a]()", f"line 1: {LINK}"),
        ("<me@example.org>", f"line 1: {LINK}"),
        ("[a][b]\n\n[b]: vbscript:x", f"line 1: {LINK}"),
        ("nobody uses it\n\n[b]: vbscript:x", f"line 1: {LINK}"),
        ("[a](content:../x)", f"line 1: {LINK}"),
        ("![a](asset:a.png)", "line 1: has a picture that is none of the article's assets"),
        ("# A", "line 1: has a heading of level 1, which is the title's"),
        ("A\n===", "line 1: has a heading of level 1, which is the title's"),
        ("a [^rumour]", "line 1: cites a source that is not listed"),
        ("[a [^ministry]](https://example.org)", "line 1: has what looks like a link and is none"),
        ("[a](https://e.org/a b)", "line 1: has what looks like a link and is none"),
        ("a\nb\u202ec", "line 2: has a character that nobody can see"),
        ('[a](https://example.org "b")', f"line 1: {TITLE}"),
        ('![a](asset:a.png "b")', f"line 1: {TITLE}"),
        ('[a][b]\n\n[b]: https://example.org "c"', f"line 1: {TITLE}"),
        ("a\n\nb &#x202e;c", "line 3: has a character that nobody can see"),
        ("[a&rlm;](https://example.org)", "line 1: has a character that nobody can see"),
    ],
)
def test_what_is_forbidden_is_refused_with_its_line(markdown, flaw):
    assert flaw in flaws(markdown)


@pytest.mark.parametrize(
    "markdown", ["`<b>`", "    <script>", "<svg/onload=alert(1)>", "1 < 2 & 3 > 2", "a\n\nb"]
)
def test_what_only_looks_like_html_is_text(markdown):
    done = render(markdown, KEYS)
    assert done.flaws == ()
    assert "<script" not in done.html
    assert "<b" not in done.html
    assert "<svg" not in done.html


PIECES = st.sampled_from(
    ["<", ">", '"', "'", "[", "]", "(", ")", "!", "`", "&#106;", "\n", "\n\n", " ", "\\", "|",
     "---", "javascript:", "data:", "content:a", "https://e.org", "script", "onerror=", "style=",
     "a", "[^ministry]", "svg/", "iframe", "-", "<!--", "]: "]
)  # fmt: skip
TAGS = re.compile(r"<(/?)([a-zA-Z0-9]+)([^>]*)>")
ALLOWED = {
    "p", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "hr", "br", "em", "strong",
    "code", "pre", "a", "sup", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = re.compile(
    r' (href="(https://[^"]*|#/contents/[a-z0-9-]+)"|rel="noopener noreferrer"'
    r'|data-source="\d+"|start="\d+")'
)


@example('[a](https://example.org "title")')
@given(st.lists(PIECES, max_size=30).map("".join))
def test_whatever_is_written_no_element_or_attribute_but_ours_comes_out(markdown):
    for closing, name, attributes in TAGS.findall(render(markdown, KEYS).html):
        assert name in ALLOWED
        assert not ATTRIBUTES.sub("", attributes).strip(), (closing, name, attributes)


CHAIN = {"chain.svg": Picture("chain." + "0" * 32 + ".svg", 640, 424)}


def test_a_picture_is_shown_from_the_assets_in_its_size():
    done = render('![From "a" & b](asset:chain.svg)', KEYS, CHAIN)
    assert done.html == (
        f'<p><img src="/v1/assets/chain.{"0" * 32}.svg" alt="From &quot;a&quot; &amp; b"'
        ' width="640" height="424" loading="lazy"></p>\n'
    )
    assert done.files == {"chain.svg"}
    assert done.plain == 'From "a" & b'
    assert done.flaws == ()


@pytest.mark.parametrize(
    ("markdown", "reason"),
    [
        ("![](asset:chain.svg)", "has a picture without words for who cannot see it"),
        ("![  ](asset:chain.svg)", "has a picture without words for who cannot see it"),
        ("![a *b*](asset:chain.svg)", "has a picture whose words are not plain"),
        ("![a](asset:other.svg)", "has a picture that is none of the article's assets"),
        ("![a](https://example.org/a.svg)", "has a picture that is none of the article's assets"),
        ("![a](/v1/assets/chain.svg)", "has a picture that is none of the article's assets"),
    ],
)
def test_other_pictures_are_refused(markdown, reason):
    assert render(markdown, KEYS, CHAIN).flaws == (f"line 1: {reason}",)
