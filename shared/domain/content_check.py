"""What a person may have written on a certificate or card that anybody with its link can read.

It is refused where it could lead somebody elsewhere, name how to reach or identify somebody, break
the page that it stands on, pass for another text, or claim what is not proved there.
Names and occasions in Chinese, in English and with emoji pass.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping

from shared.domain.errors import InvalidRequestError

# So many dots on one letter are a drawing over the neighbouring lines, not a name.
MARKS_MAX = 3
# A date with its year has eight digits; what identifies or reaches somebody has more.
DIGITS_MAX = 8
# Without anything between them. A mobile number has 11, an older one for messages 7.
DIGITS_TOGETHER_MAX = 6

JOINER = "\u200d"
EMOJI_STYLE = "\ufe0f"
_EMOJI_PARTS = EMOJI_STYLE + "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
# They count as letters or marks, and look like nothing.
_BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
_VARIANTS = re.compile("[\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_SPACES = " \u3000\u00a0"
_CHINESE_DIGITS = str.maketrans(
    "〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖两", "001234567891234567892"
)
# What people put between the digits of one number.
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s\-‐-―_.·,/|()+]+(?=\d)")
_MARKUP = re.compile(r"[<>`{}\\]|&#?\w+;|\]\(")
_ADDRESS = re.compile(
    r"://|@|\bwww\.|(?<![a-z])(?:https?|mailto|javascript|data|ftp):"
    # A full stop in Chinese text is read as a dot too. Of the endings only those that are in wide
    # use here: "Dr.Wang" is no address.
    r"|[a-z0-9-]\s?[.。](?:com|cn|net|org|edu|gov|info|io|cc|me|co|tv|top|xyz|vip|shop|app|dev"
    r"|club|site|online|link|ly|gl|hk|tw)(?![a-z])|\w\.(?:中国|公司|网络)",
)

# What a certificate or card is not, by the words for it; as letters only, in lower case. Somebody
# who reads it beside a name or an occasion would take it for what the certificate says.
CLAIMS: Mapping[str, str] = {
    "ccer": "a unit of China's voluntary market",
    "核证自愿减排": "a unit of China's voluntary market",
    "verifiedcarbon": "a unit of a voluntary market",
    "goldstandard": "a unit of a voluntary market",
    "carboncredit": "a unit of any market",
    "碳信用": "a unit of any market",
    "碳配额": "an allowance of a mandatory market",
    "carbonoffset": "a compensation for emissions",
    "碳抵消": "a compensation for emissions",
    "碳抵销": "a compensation for emissions",
    "carbonneutral": "a balance of emissions that nobody has drawn up",
    "climateneutral": "a balance of emissions that nobody has drawn up",
    "碳中和": "a balance of emissions that nobody has drawn up",
    "netzero": "a balance of emissions that nobody has drawn up",
    "净零": "a balance of emissions that nobody has drawn up",
}


def checked_text(text: str, *, pointer: str, characters_max: int) -> str:
    """Return the text normalised: composed letters, single spaces, none at its ends.

    Raises InvalidRequestError with the pointer and the reason, which never repeats the text.
    """
    # Before anything else, so that no rule has to look at more than this.
    if len(text) > 4 * characters_max:
        raise _refusal(pointer, f"is longer than {characters_max} characters")
    written = unicodedata.normalize("NFC", text)
    for name, is_wrong in _RULES:
        if is_wrong(written):
            raise _refusal(pointer, name)
    normal = " ".join(part for part in re.split(f"[{_SPACES}]+", written) if part)
    if len(normal) > characters_max:
        raise _refusal(pointer, f"is longer than {characters_max} characters")
    return normal


def _refusal(pointer: str, reason: str) -> InvalidRequestError:
    return InvalidRequestError(
        "This text cannot be shown to everybody.", pointers=((pointer, reason),)
    )


def _has_unseen(text: str) -> bool:
    """Controls, line breaks, bidirectional overrides, blank letters, unassigned characters."""
    return any(
        _is_unseen(before, character, after)
        for before, character, after in zip(" " + text, text, text[1:] + " ", strict=False)
    )


def _is_unseen(before: str, character: str, after: str) -> bool:
    category = unicodedata.category(character)
    if character in _SPACES:
        return False
    # These make one emoji of several, or a colourful one; elsewhere nobody sees them.
    if character == JOINER:
        return not ((_is_emoji(before) or before in _EMOJI_PARTS) and _is_emoji(after))
    if character == EMOJI_STYLE:
        return not (_is_emoji(before) or before in "0123456789#*‼⁉")
    return character in _BLANK or category[0] in "CZ" or _VARIANTS.match(character) is not None


def _says_nothing(text: str) -> bool:
    return not any(unicodedata.category(each)[0] in "LN" or _is_emoji(each) for each in text)


def _is_emoji(character: str) -> bool:
    return unicodedata.category(character) == "So"


def _is_drawn_over(text: str) -> bool:
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character)[0] == "M" else 0
        if marks > MARKS_MAX:
            return True
    return False


def _mixes_scripts(text: str) -> bool:
    """Latin letters with Greek or Cyrillic ones in one word, which look alike."""
    for word in re.findall(r"\w+", unicodedata.normalize("NFKC", text)):
        scripts = {unicodedata.name(each, "").partition(" ")[0] for each in word}
        if len(scripts & {"LATIN", "GREEK", "CYRILLIC"}) > 1:
            return True
    return False


def _has_number(text: str) -> bool:
    plain = _plain(text)
    if re.search(rf"\d{{{DIGITS_TOGETHER_MAX + 1},}}", plain):
        return True
    spelt = _BETWEEN_DIGITS.sub("", plain.translate(_CHINESE_DIGITS))
    return re.search(rf"\d{{{DIGITS_MAX + 1},}}", spelt) is not None


def _claims_more(text: str) -> bool:
    letters = "".join(each for each in _plain(text) if each.isalnum())
    return any(claim in letters for claim in CLAIMS)


def _plain(text: str) -> str:
    """Return what a reader takes it for: full-width and decorated letters are plain ones."""
    return unicodedata.normalize("NFKC", text).casefold()


_RULES: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("has characters that cannot be seen", _has_unseen),
    ("has no letter, number or emoji", _says_nothing),
    ("has too many marks on one letter", _is_drawn_over),
    ("has letters of different alphabets in one word", _mixes_scripts),
    ("has signs that are used for markup", lambda text: bool(_MARKUP.search(_plain(text)))),
    ("has a link or an address", lambda text: bool(_ADDRESS.search(_plain(text)))),
    ("has a number that could reach or identify somebody", _has_number),
    ("claims what is not proved", _claims_more),
)
