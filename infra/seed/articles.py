"""Articles in files: read, checked by the rules of their publication, and published in a stack.

A folder has a folder for each article, named by its id: `content.toml` with kind, tags,
published_at, retires_at, note, the title and summary in `[zh-Hans]` and `[en]`, and each
`[[source]]`; the texts are `zh-Hans.md` and `en.md`.
"""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shared.adapters.article_markdown import render
from shared.application.publish_contents import Draft, lint
from shared.domain.article import LANGUAGES
from shared.domain.errors import InvalidRequestError
from shared.runtime.wire_contents import DRAFTS_MAX, DraftBody

CONTENTS = Path(__file__).with_name("contents")

Event = Mapping[str, Any]
Publication = Mapping[str, Sequence[str]]


class ContentError(Exception):
    """Some articles cannot be published; each line of the text says where and why."""


def read_contents(folder: Path = CONTENTS) -> list[Event]:
    """Return a folder's articles as they are published; raise ContentError with every flaw."""
    places = sorted(path for path in folder.glob("*/content.toml"))
    if not 1 <= len(places) <= DRAFTS_MAX:
        raise ContentError(f"{folder}: has from 1 to {DRAFTS_MAX} folders with a content.toml.")
    contents: list[Event] = []
    drafts: list[Draft] = []
    wrong: list[str] = []
    for place in places:
        try:
            contents.append(_read(place.parent))
            drafts.append(DraftBody.model_validate(contents[-1]).draft())
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            wrong.append(f"{place.parent}: {error}")
        except InvalidRequestError as error:
            wrong.append(f"{place}: {error.detail}")
        except ValidationError as error:
            wrong += [
                f"{place}: /{'/'.join(map(str, each['loc']))} {each['msg']}"
                for each in error.errors(include_url=False, include_input=False)
            ]
    # A link to an article that cannot be read is no second flaw.
    known = [each.parent.name for each in places]
    for draft in drafts:
        _, flaws = lint([draft], render, known)
        wrong += [
            f"{folder / draft.content_id}: {pointer.removeprefix('/contents/0')} {reason}"
            for pointer, reason in flaws
        ]
    if wrong:
        raise ContentError("\n".join(wrong))
    return contents


def publish_all(invoke: Callable[[Event], Publication], contents: Sequence[Event]) -> Publication:
    """Publish all at once, since they may link to one another; return what became of each."""
    return invoke({"contents": list(contents)})


def _read(folder: Path) -> Event:
    facts = tomllib.loads((folder / "content.toml").read_text("utf-8"))
    written = {name: facts.pop(name, {}) for name in LANGUAGES}
    texts = {
        name: {**each, "markdown": (folder / f"{name}.md").read_text("utf-8")}
        for name, each in written.items()
    }
    plain = {name: _plain(value) for name, value in facts.items()}
    sources = plain.pop("source", [])
    return {"content_id": folder.name, **plain, "texts": texts, "sources": sources}


def _plain(value: Any) -> Any:
    """TOML has instants and days of its own; the function reads texts."""
    return value.isoformat() if isinstance(value, date) else value
