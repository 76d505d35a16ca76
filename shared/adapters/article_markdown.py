"""Turns an article's Markdown into HTML that is safe to show, and says what is wrong with it.

The only module that knows markdown-it and nh3. What the rules forbid is refused, never repaired in
silence; nh3 then lets through nothing but the few elements that the rules can make, so that a fault
of the first is not enough for a script to reach a reader.
"""

import re
from collections.abc import Mapping, Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from shared.application.ports import Rendering
from shared.domain.asset import Picture

_CITATION = re.compile(r"\[\^([a-z0-9-]{1,40})\]")
_ARTICLE = re.compile(r"content:([a-z0-9-]{1,60})")
_FILE = re.compile(r"asset:([a-z0-9-]{1,60}\.[a-z]{3,4})")
_HTTPS = re.compile(r"https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]+)?([/?#].*)?", re.IGNORECASE)
# Controls but line ends and tabs, and what turns the direction of a line around.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_HIDES = "has a character that nobody can see"
_ELEMENTS = {
    *("p", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "hr", "br"),
    *("em", "strong", "code", "pre", "a", "sup", "img"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
# The page opens another article under this address.
_ARTICLE_ADDRESS = "#/contents/"
_ASSET_ADDRESS = "/v1/assets/"
_NO_PICTURES: Mapping[str, Picture] = {}


def render(
    markdown: str, keys: Sequence[str], pictures: Mapping[str, Picture] = _NO_PICTURES
) -> Rendering:
    """Return what the Markdown says, and its flaws, each with the line of its block.

    `keys` are those of the sources in order: a citation shows the place of its source, from 1.
    `pictures` are by file name.
    """
    engine = _engine()
    env: dict[str, object] = {}
    tokens = engine.parse(markdown, env)
    found = _Findings(keys, pictures)
    if unseen := _UNSEEN.search(markdown):
        found.flaw(markdown.count("\n", 0, unseen.start()), _HIDES)
    for reference in _references(env):
        found.target(reference, 0)
    line = 0
    for token in tokens:
        line = token.map[0] if token.map else line
        found.block(token, line)
    shown = {"keys": list(keys), "pictures": pictures}
    html = engine.renderer.render(tokens, engine.options, shown)
    safe = nh3.clean(
        html,
        tags=_ELEMENTS,
        attributes={
            # Beside those below it would let `title` and `lang` through.
            "*": set(),
            "a": {"href"},
            "img": {"src", "alt", "width", "height", "loading"},
            "ol": {"start"},
            "sup": {"data-source"},
        },
        url_schemes={"https"},
    )
    return Rendering(
        html=safe,
        plain=" ".join(found.said),
        cited=frozenset(found.cited),
        articles=frozenset(found.articles),
        files=frozenset(found.files),
        flaws=tuple(dict.fromkeys(found.flaws)),
    )


class _Findings:
    """What a walk over the tokens comes upon."""

    def __init__(self, keys: Sequence[str], pictures: Mapping[str, Picture]) -> None:
        self.keys = set(keys)
        self.pictures = pictures
        self.files: set[str] = set()
        self.said: list[str] = []
        self.cited: set[str] = set()
        self.articles: set[str] = set()
        self.flaws: list[str] = []

    def flaw(self, line: int, reason: str) -> None:
        self.flaws.append(f"line {line + 1}: {reason}")

    def block(self, token: Token, line: int) -> None:
        if token.type == "html_block":
            self.flaw(line, "has HTML")
        elif token.type == "heading_open" and token.tag == "h1":
            self.flaw(line, "has a heading of level 1, which is the title's")
        elif token.type in {"fence", "code_block"}:
            self.said.append(token.content)
        elif token.type == "inline":
            text: list[str] = []
            for child in token.children or ():
                self._inline(child, line, text)
            self.said.append("".join(text))

    def target(self, address: str, line: int) -> None:
        """Note where a link leads, and refuse all but another article and an https address."""
        if article := _ARTICLE.fullmatch(address):
            self.articles.add(article[1])
        elif _HTTPS.fullmatch(address) is None:
            self.flaw(line, "has a link that leads to neither https: nor an article")

    def _picture(self, token: Token, line: int) -> None:
        file = _FILE.fullmatch(str(token.attrGet("src") or ""))
        if file is None or file[1] not in self.pictures:
            self.flaw(line, "has a picture that is none of the article's assets")
        else:
            self.files.add(file[1])
        if not token.content.strip():
            self.flaw(line, "has a picture without words for who cannot see it")
        if any(each.type != "text" for each in token.children or ()):
            self.flaw(line, "has a picture whose words are not plain")

    def _inline(self, token: Token, line: int, text: list[str]) -> None:
        # What a reference such as `&rlm;` became; what was written is looked through before.
        if _UNSEEN.search(token.content):
            self.flaw(line, _HIDES)
        if token.attrGet("title"):
            self.flaw(line, "has a title on a link or a picture, which no page shows")
        match token.type:
            case "html_inline":
                self.flaw(line, "has HTML")
            case "image":
                self._picture(token, line)
                text.append(token.content)
            case "link_open":
                self.target(str(token.attrGet("href") or ""), line)
            case "citation":
                if token.content not in self.keys:
                    self.flaw(line, "cites a source that is not listed")
                self.cited.add(token.content)
            case "softbreak" | "hardbreak":
                text.append(" ")
            case _:
                if token.type == "text" and "](" in token.content:
                    # Such as one around a citation, which CommonMark does not take for a link.
                    self.flaw(line, "has what looks like a link and is none")
                text.append(token.content)


def _engine() -> MarkdownIt:
    # HTML is parsed so that it can be refused; as text it would only look wrong.
    engine = MarkdownIt("commonmark", {"html": True}).enable("table")
    # Every address becomes a link, which the walk then judges; markdown-it would only hide some.
    engine.validateLink = _is_link  # type: ignore[assignment] # as its own guide replaces it
    engine.inline.ruler.before("link", "citation", _citation)
    engine.add_render_rule("citation", _citation_html)
    engine.add_render_rule("image", _picture_html)
    engine.add_render_rule("link_open", _link_html)
    return engine


def _is_link(_: str) -> bool:
    return True


def _references(env: dict[str, object]) -> list[str]:
    """Return the addresses that are defined for links, whether a link uses them or not."""
    defined = env.get("references", {})
    assert isinstance(defined, dict)
    return [str(each["href"]) for each in defined.values()]


def _citation(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's own form
    found = _CITATION.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        state.push("citation", "", 0).content = found[1]
    state.pos = found.end()
    return True


def _citation_html(
    _: RendererHTML, tokens: Sequence[Token], idx: int, __: OptionsDict, env: EnvType
) -> str:
    keys = env["keys"]
    key = tokens[idx].content
    number = keys.index(key) + 1 if key in keys else 0
    return f'<sup data-source="{number}">[{number}]</sup>'


def _link_html(
    renderer: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
) -> str:
    token = tokens[idx]
    if article := _ARTICLE.fullmatch(str(token.attrGet("href") or "")):
        token.attrSet("href", _ARTICLE_ADDRESS + article[1])
    return renderer.renderToken(tokens, idx, options, env)


def _picture_html(
    _: RendererHTML, tokens: Sequence[Token], idx: int, __: OptionsDict, env: EnvType
) -> str:
    token = tokens[idx]
    file = _FILE.fullmatch(str(token.attrGet("src") or ""))
    picture = env["pictures"].get(file[1]) if file else None
    if picture is None:
        return ""
    return (
        f'<img src="{_ASSET_ADDRESS}{picture.asset}" alt="{escapeHtml(token.content)}"'
        f' width="{picture.width}" height="{picture.height}" loading="lazy">'
    )
