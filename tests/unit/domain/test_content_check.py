"""What may stand on a certificate, and what may not, whatever it is dressed up as."""

import pytest

from shared.domain.content_check import checked_text
from shared.domain.errors import InvalidRequestError

UNSEEN = "has characters that cannot be seen"
NOTHING = "has no letter, number or emoji"
MARKS = "has too many marks on one letter"
MIXED = "has letters of different alphabets in one word"
MARKUP = "has signs that are used for markup"
LINK = "has a link or an address"
NUMBER = "has a number that could reach or identify somebody"
CLAIM = "claims what is not proved"


def check(text, characters_max=40):
    return checked_text(text, pointer="/beneficiary", characters_max=characters_max)


def reason(text):
    with pytest.raises(InvalidRequestError) as refusal:
        check(text)
    [(pointer, found)] = refusal.value.pointers
    assert pointer == "/beneficiary"
    assert text not in str(refusal.value)
    assert text not in found
    return found


@pytest.mark.parametrize(
    "text",
    [
        "王小明",
        "欧阳·娜娜",
        "陈—李一家（三口）",
        "《春天》音乐会，第3届！",
        "Zoë O’Connor-Smith, Jr.",
        "Dr.Wang & J.R.R. Tolkien",
        "St.John's",
        "Привет",
        "2026-11-10 婚礼",
        "2026年11月10日",
        "二〇二六年十一月十日",
        "三年二班 100 分",
        "1️⃣ 年级",
        "👍🏽",
        "👨‍👩‍👧‍👦 一家",
        "👩🏽‍🚀",
        "❤️‍🔥 🏳️‍🌈 🇨🇳",
        "Data, the android",
        "For my dog. Me and you",
        "我爱你。中国加油",
        "我们的低碳生活",
    ],
)
def test_names_and_occasions_pass_as_they_are(text):
    assert check(text) == text


def test_letters_are_composed_and_spaces_are_single():
    assert check("Zoe\u0308") == "Zoë"
    assert check("  王\u3000小明\u00a0 \u00a0一家 ") == "王 小明 一家"


def test_the_length_is_in_characters_after_that():
    assert check("王" * 40) == "王" * 40
    assert check(" 王" + "明" * 39 + "  ") == "王" + "明" * 39
    assert reason("王" * 41) == "is longer than 40 characters"
    assert reason("x" * 100_000) == "is longer than 40 characters"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ecila\u202e", UNSEEN),
        ("\u2066alice\u2069", UNSEEN),
        ("alice\u200b", UNSEEN),
        ("ali\u00adce", UNSEEN),
        ("alice\nbob", UNSEEN),
        ("alice\tbob", UNSEEN),
        ("alice\x00", UNSEEN),
        ("alice\u2028bob", UNSEEN),
        ("alice\u2003bob", UNSEEN),
        ("\ud800", UNSEEN),
        ("\ue000", UNSEEN),
        ("\U0010ffff", UNSEEN),
        ("a\u200db", UNSEEN),
        ("👨\u200d", UNSEEN),
        ("王\ufe0f", UNSEEN),
        ("王\U000e0100", UNSEEN),
        ("\u3164", UNSEEN),
        ("\u2800", UNSEEN),
        ("...", NOTHING),
        ("   ", NOTHING),
        ("Z\u0351\u036b\u0343\u036a", MARKS),
        ("p\u0430ypal", MIXED),
        ("\u03bfpen", MIXED),
        ("<script>alert(1)</script>", MARKUP),
        ("3 < 4", MARKUP),
        ("\uff1cb\uff1e", MARKUP),
        ("&lt;b&gt;", MARKUP),
        ("{{7*7}}", MARKUP),
        ("[me](here)", MARKUP),
        ("https://evil.example", LINK),
        ("www.evil", LINK),
        ("see evil.com", LINK),
        ("ＥＶＩＬ．ＣＯＭ", LINK),
        ("evil。cn", LINK),
        ("银行.中国", LINK),
        ("evil .com", LINK),
        ("javascript:x", LINK),
        ("me@home", LINK),
        ("＠me", LINK),
        ("13812345678", NUMBER),
        ("138 1234 5678", NUMBER),
        ("+86-138-1234-5678", NUMBER),
        ("１３８１２３４５６７８", NUMBER),
        ("一三八一二三四五六七八", NUMBER),
        ("壹叁捌 壹贰叁肆 伍陆柒捌", NUMBER),
        ("11010119900307123X", NUMBER),
        ("QQ 1234567", NUMBER),
        ("٠١٢٣٤٥٦٧", NUMBER),
        ("我的碳中和婚礼", CLAIM),
        ("碳 中 和", CLAIM),
        ("Carbon-Neutral", CLAIM),
        ("ＣＣＥＲ", CLAIM),
        ("net zero", CLAIM),
    ],
)
def test_what_is_refused_is_told_why(text, expected):
    assert reason(text) == expected
