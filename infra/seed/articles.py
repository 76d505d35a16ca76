"""Articles in files: read, checked by the rules of their publication, and published in a stack.

A folder has a folder for each article, named by its id: `content.toml` with kind, tags,
published_at, retires_at, note, the title and summary in `[zh-Hans]` and `[en]`, and each
`[[source]]`; the texts are `zh-Hans.md` and `en.md`, and the pictures that they show as
`asset:<file>` lie in `assets/`.
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
from shared.domain.asset import ASSET_BYTES_MAX, asset_name, is_file_name, media_type_of
from shared.domain.errors import InvalidRequestError
from shared.runtime.wire_contents import DRAFTS_MAX, DraftBody

CONTENTS = Path(__file__).with_name("contents")

Event = Mapping[str, Any]
Publication = Mapping[str, Sequence[str]]


Put = Callable[[str, bytes], object]
"""Puts a picture where articles find it."""


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
        except ContentError as error:
            wrong.append(str(error))
        except InvalidRequestError as error:
            wrong.append(f"{place}: {error.detail}")
        except ValidationError as error:
            wrong += [
                f"{place}: /{'/'.join(map(str, each['loc']))} {each['msg']}"
                for each in error.errors(include_url=False, include_input=False)
            ]
    pictures = _Pictures(read_assets(folder))
    # A link to an article that cannot be read is no second flaw.
    known = [each.parent.name for each in places]
    for draft in drafts:
        _, flaws = lint([draft], render, pictures, known)
        wrong += [
            f"{folder / draft.content_id}: {pointer.removeprefix('/contents/0')} {reason}"
            for pointer, reason in flaws
        ]
    if wrong:
        raise ContentError("\n".join(wrong))
    return contents


def read_assets(folder: Path = CONTENTS) -> dict[str, bytes]:
    """Return the pictures of a folder's articles by the names under which they are served."""
    files = sorted(path for path in folder.glob("*/assets/*") if is_file_name(path.name))
    return {asset_name(path.name, data): data for path in files for data in [_bytes(path)]}


def publish_all(
    invoke: Callable[[Event], Publication],
    put: Put,
    contents: Sequence[Event],
    assets: Mapping[str, bytes],
) -> Publication:
    """Publish all at once, since they may link to one another; return what became of each.

    The pictures go first: an article never shows one that is not there.
    """
    for asset, data in assets.items():
        put(asset, data)
    return invoke({"contents": list(contents)})


def put_asset(storage: Any, bucket: str, asset: str, data: bytes) -> None:
    """Put a picture into a bucket, under the name by which it is served."""
    storage.put_object(Bucket=bucket, Key=asset, Body=data, ContentType=media_type_of(asset))


class _Pictures:
    """The port `Assets` over what was read from files."""

    def __init__(self, assets: Mapping[str, bytes]) -> None:
        self._assets = assets

    def read(self, asset: str) -> bytes | None:
        return self._assets.get(asset)


def _read(folder: Path) -> Event:
    facts = tomllib.loads((folder / "content.toml").read_text("utf-8"))
    written = {name: facts.pop(name, {}) for name in LANGUAGES}
    texts = {
        name: {**each, "markdown": (folder / f"{name}.md").read_text("utf-8")}
        for name, each in written.items()
    }
    plain = {name: _plain(value) for name, value in facts.items()}
    sources = plain.pop("source", [])
    event = {"content_id": folder.name, **plain, "texts": texts, "sources": sources}
    assets = [_asset_of(path) for path in sorted((folder / "assets").glob("*"))]
    return {**event, "assets": assets} if assets else event


def _asset_of(path: Path) -> str:
    if not is_file_name(path.name):
        raise ContentError(f"{path} is not named as a picture is: a-z, 0-9, - and svg, png, webp.")
    return asset_name(path.name, _bytes(path))


def _bytes(path: Path) -> bytes:
    """Return what a picture may have at most, and one byte more where it has more."""
    with path.open("rb") as file:
        return file.read(ASSET_BYTES_MAX + 1)


def _plain(value: Any) -> Any:
    """TOML has instants and days of its own; the function reads texts."""
    return value.isoformat() if isinstance(value, date) else value
