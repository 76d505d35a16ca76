"""Make the fonts that pictures are drawn with, from the packages that have them whole.

    npm pack @expo-google-fonts/noto-sans@0.4.2 @expo-google-fonts/noto-sans-sc@0.4.3
    python -m infra.fonts <the folder where they are>

Latin letters and figures are those of Noto Sans, all others those of Noto Sans SC. The bold font
has Latin and the few Chinese characters that are set in bold; any other falls back to the regular.
The same packages make the same bytes: shared/adapters/fonts/fonts.toml has the digests of both.
"""

import argparse
import hashlib
import io
import tarfile
import tomllib
from pathlib import Path
from typing import Any

from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from shared.domain.lettering import LATIN, SIGNS, drawable_characters
from shared.domain.share_words import WORDS

FOLDER = Path(__file__).parent.parent / "shared" / "adapters" / "fonts"
RECORD = FOLDER / "fonts.toml"
FAMILY = "Noto Sans SC"
# A font file's own numbers for a family's and a style's name.
_NAMES = {1: FAMILY, 4: FAMILY, 6: "NotoSansSC"}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Make the fonts of pictures.")
    parser.add_argument("packages", type=Path, help="the folder that holds the packages")
    packages: Path = parser.parse_args(arguments).packages
    record = tomllib.loads(RECORD.read_text("utf-8"))
    archives = {each["name"]: archive_of(packages, each) for each in record["package"]}
    wanted = {"regular": drawable_characters(), "bold": latin() + "".join(brands())}
    for each in record["file"]:
        sources = [taken(archives[name], path) for name, path in each["from"].items()]
        made = make(sources, wanted[each["style"]])
        (FOLDER / each["path"]).write_bytes(made)
        print(f"{each['path']}: {len(made)} bytes, sha256 {hashlib.sha256(made).hexdigest()}")


def archive_of(packages: Path, package: dict[str, Any]) -> bytes:
    """Return a package's bytes; end the program if they are not those of the record."""
    content: bytes = (packages / package["archive"]).read_bytes()
    if hashlib.sha256(content).hexdigest() != package["sha256"]:
        raise SystemExit(f"{package['archive']} is not what {RECORD.name} says.")
    return content


def taken(archive: bytes, path: str) -> TTFont:
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        file = files.extractfile(path)
        assert file is not None, path
        return TTFont(io.BytesIO(file.read()), recalcTimestamp=False)


def latin() -> str:
    return "".join(map(chr, LATIN)) + SIGNS


def brands() -> list[str]:
    """Return the texts that are set in bold and are not Latin alone."""
    return [words.brand for words in WORDS.values()]


def make(sources: list[TTFont], characters: str) -> bytes:
    """Return one font of a Latin and a Chinese one."""
    first, second = sources
    of_first = {each for each in latin() if ord(each) in first.getBestCmap()}
    parts = [
        subset(first, of_first, features=["kern"]),
        subset(second, set(characters) - of_first, features=[]),
    ]
    merged = Merger().merge([io.BytesIO(part) for part in parts])
    for number, text in _NAMES.items():
        merged["name"].setName(text, number, 3, 1, 0x409)
    # Merging would set the time of day.
    merged.recalcTimestamp = False
    merged["head"].created = merged["head"].modified = first["head"].modified
    made = io.BytesIO()
    merged.save(made)
    return made.getvalue()


def subset(font: TTFont, characters: set[str], *, features: list[str]) -> bytes:
    options = Options(
        layout_features=features, hinting=False, notdef_outline=True, recalc_timestamp=False
    )
    subsetter = Subsetter(options)
    subsetter.populate(text="".join(sorted(characters)))
    subsetter.subset(font)
    # What merging does not know how to join, and drawing does not need.
    for table in {"STAT", "BASE", "VORG", "vhea", "vmtx", "DSIG", "meta"} & set(font.keys()):
        del font[table]
    made = io.BytesIO()
    font.save(made)
    return made.getvalue()


if __name__ == "__main__":
    main()
