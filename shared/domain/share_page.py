"""The page of a share card: plain HTML that asks nobody else for anything, and its ending."""

import base64
import hashlib
from html import escape

from shared.domain.drawing import written_day
from shared.domain.instants import ledger_day
from shared.domain.share import Share
from shared.domain.share_words import LANGUAGES, WORDS, amount, headline, range_text, statement

_STYLE = (
    ":root{color-scheme:light dark}body{font:1rem/1.6 system-ui,sans-serif;margin:0 auto;"
    "max-width:46rem;padding:1rem}img{display:block;width:100%;height:auto;border-radius:.5rem}"
    ".amount{font-size:2rem;font-weight:700;margin:0}h1{font-size:1.2rem}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; img-src 'self'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
PAGE_TYPE = "text/html; charset=utf-8"
PAGE_HEADERS = {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer"}


def share_page(share: Share, *, link: str, picture: str) -> str:
    """Return the page; `link` and `picture`, a PNG, are whole addresses for whoever quotes it."""
    words = WORDS[share.language]
    title, figure = headline(share), amount(share.reduction)
    about = range_text(share.reduction, share.language)
    made, until = (
        written_day(ledger_day(each), share.language)
        for each in (share.created_at, share.expires_at)
    )
    # The card's address is relative: the page may be asked by another name than the link's.
    body = (
        f"<h1>{escape(title)}</h1>"
        f'<p class="amount">{escape(figure)}</p><p>{escape(about)}</p>'
        f'<img src="{escape(share.token)}/card.svg" width="1200" height="630" '
        f'alt="{escape(f"{title}: {figure}, {about}")}">'
        f"<p>{escape(words.worked_out.format(made))}<br>"
        f"{escape(words.shown_until.format(until))}</p>"
        f"<p>{escape(statement(share.language))}</p>"
    )
    graph = {
        "og:type": "website",
        "og:title": f"{title}: {figure}",
        "og:description": f"{about}{words.sentence_gap}· {statement(share.language)}",
        "og:url": link,
        "og:image": picture,
        "og:image:type": "image/png",
        "og:image:width": "1200",
        "og:image:height": "630",
        "og:locale": share.language.replace("zh-Hans", "zh_CN"),
    }
    return _page(share.language, title, body, graph)


def ended_page(*, is_known: bool) -> str:
    """Return what is shown instead of a card, in every language: it says nothing about the card."""
    body = "".join(
        f'<section lang="{language}"><h1>{escape(WORDS[language].ended_title)}</h1>'
        f"<p>{escape(WORDS[language].ended if is_known else WORDS[language].unknown)}</p></section>"
        for language in LANGUAGES
    )
    return _page("en", WORDS["en"].ended_title, body, {})


def _page(language: str, title: str, body: str, graph: dict[str, str]) -> str:
    tags = "".join(
        f'<meta property="{name}" content="{escape(text)}">' for name, text in graph.items()
    )
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="robots" content="noindex"><meta name="referrer" content="no-referrer">'
        f"<title>{escape(title)}</title>{tags}<style>{_STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>\n"
    )
