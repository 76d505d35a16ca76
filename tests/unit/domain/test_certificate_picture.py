"""The picture: well-formed, alone, harmless, and with everything on it that it must have."""

import re
from xml.etree import ElementTree as ET

import pytest
import segno

from shared.adapters.qr import qr_modules
from shared.domain.certificate import OwnFootprint
from shared.domain.certificate_picture import HEIGHT, LANGUAGES, WIDTH, certificate_picture
from shared.domain.typesetting import measure
from tests.support.certificates import a_certificate, a_share, for_own_footprint

SVG = "{http://www.w3.org/2000/svg}"
LINK = "https://carbon.example.org/v1/certificates/" + a_certificate().certificate_id
HOSTILE = "</text><script>alert(1)</script>\"'&]]>"
LONG = {
    "beneficiary": "W" * 40,
    "occasion": "王" * 60,
    "issuer": "某某银行股份有限公司信用卡中心碳账户平台示范环境不作正式用途仅供演示之用",
    "shares": (a_share(reduction_mg=987_654_321_012_345),),
}


def draw(certificate=None, language="en", link=LINK):
    modules = qr_modules(link)
    return certificate_picture(
        certificate or a_certificate(), language=language, link=link, modules=modules
    )


def texts(picture):
    return [each.text or "" for each in ET.fromstring(picture).iter(f"{SVG}text")]  # noqa: S314


def every(picture):
    return list(ET.fromstring(picture).iter())  # noqa: S314


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("changes", [{}, LONG, {"beneficiary": HOSTILE, "occasion": HOSTILE}])
def test_it_is_drawn_with_nothing_but_shapes_and_text(language, changes):
    picture = draw(a_certificate(**changes), language)
    assert {each.tag.removeprefix(SVG) for each in every(picture)} == {
        "svg", "title", "rect", "path", "text", "defs", "g", "use",
    }  # fmt: skip
    for each in every(picture):
        for name, value in each.attrib.items():
            assert not name.startswith("on")
            assert name not in {"style", "class", "src"}
            # It points at nothing but its own parts.
            assert "href" not in name or re.fullmatch(r"#rosette-c[a-z2-7]{26}", value)
            assert "url(" not in value
    assert len(picture.encode()) < 40_000


def test_what_somebody_wrote_is_text_and_nothing_else():
    picture = draw(a_certificate(beneficiary=HOSTILE, occasion=HOSTILE, issuer=HOSTILE))
    assert "<script" not in picture
    shown = "".join(texts(picture))
    assert shown.count("alert(1)") == 3


def test_characters_that_xml_cannot_hold_are_left_out():
    assert "王明" in texts(draw(a_certificate(beneficiary="王\x00\x0b\ufffe明")))


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("en", ["Certificate of Retirement", "王小明", "410 g CO₂e", "On the occasion of: 植树节",
                "Metro ride, per kilometre (metro-distance@2025.1) · 300 g",
                "Received from others · 109 g", "3 of the ledger", "grade 1: 73 % · grade 3: 26 %",
                "an estimate", "10 November 2026 (UTC+8)", LINK]),
        ("zh-Hans", ["减排量注销证书", "王小明", "410 g CO₂e", "用途：植树节", "账本中的 3 个批次",
                     "1 级 73% · 3 级 26%", "估计值", "2026年11月10日（UTC+8）", LINK]),
    ],
)  # fmt: skip
def test_it_says_what_was_retired_for_whom_and_what_for(language, wanted):
    shown = texts(draw(language=language))
    assert [each for each in wanted if each not in shown] == []
    assert any(a_certificate().number in each for each in shown)


def test_the_amount_is_honest_and_the_exact_one_stands_below_it():
    # From 302 669 to 618 067 mg: half a width of 208 851, so tens of grams are known.
    shown = texts(draw())
    assert "estimated range 300 to 620 g · taken from the ledger: 409\u2009216 mg" in shown


@pytest.mark.parametrize(
    ("footprint_mg", "share"),
    [
        (3_936_852_892, "of which it is 0.0103 %"),
        (4_092_160_000_000, "of which it is less than 0.0001 %"),
        (818_432, "of which it is 50 %"),
        (136_405, "of which it is 300.0007 %"),
    ],
)
def test_a_share_of_ones_own_footprint_has_the_decimals_that_are_known(footprint_mg, share):
    certificate = for_own_footprint()
    own = OwnFootprint(2026, footprint_mg, "p@1")
    shown = texts(draw(a_certificate(occasion=None, footprint=own, beneficiary=None)))
    assert f"For their own footprint of the year 2026, {share}" in shown
    assert "the holder of the account" in shown
    assert certificate.footprint is not None


def test_a_footprint_that_was_not_kept_has_no_share():
    shown = texts(draw(a_certificate(occasion=None, footprint=OwnFootprint(2025)), "zh-Hans"))
    assert "用途：本人 2025 年度碳足迹" in shown


def test_more_methodologies_than_there_is_room_for_are_counted():
    names = ("bus-distance@2025.1", "e-statement@2025.1", "e-invoice@2025.1",
             "digital-card@2025.1", "metro-distance@2025.1")  # fmt: skip
    shares = tuple(a_share(name, 1_000 * place) for place, name in enumerate(names, start=1))
    assert "and others: 2" in texts(draw(a_certificate(shares=shares)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("changes", [{}, LONG])
def test_every_text_is_on_the_page_and_no_two_lie_on_each_other(language, changes):
    boxes = [box(each) for each in every(draw(a_certificate(**changes), language))
             if each.tag == f"{SVG}text"]  # fmt: skip
    for left, top, right, bottom in boxes:
        assert 40 <= left < right <= WIDTH - 40
        assert 40 <= top < bottom <= HEIGHT - 36
    for place, one in enumerate(boxes):
        for other in boxes[place + 1 :]:
            across = min(one[2], other[2]) - max(one[0], other[0])
            down = min(one[3], other[3]) - max(one[1], other[1])
            assert across <= 0 or down <= 0, (one, other)


def box(element):
    """Return about the place that a text takes: from its ascenders to its baseline."""
    size = float(element.get("font-size"))
    spacing = float(element.get("letter-spacing", 0))
    text = element.text or " "
    width = measure(text) * size + spacing * len(text)
    x, y = float(element.get("x")), float(element.get("y"))
    left = {"start": x, "middle": x - width / 2, "end": x - width}[element.get("text-anchor")]
    return left, y - 0.75 * size, left + width, y


def test_the_code_leads_to_the_link_and_has_its_quiet_zone():
    modules = qr_modules(LINK)
    expected = segno.make_qr(LINK, error="q", boost_error=False)
    assert [[int(each) for each in row] for row in modules] == [
        list(row) for row in expected.matrix
    ]
    [code] = [each for each in every(draw()) if each.get("shape-rendering")]
    drawn = {
        (int(x) + column, int(y))
        for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1", code.get("d", ""))
        for column in range(int(length))
    }
    assert drawn == {
        (column + 4, row + 4)
        for row, dark in enumerate(modules)
        for column, is_dark in enumerate(dark)
        if is_dark
    }
    scale = re.fullmatch(r"translate\(\d+ \d+\) scale\(([\d.]+)\)", code.get("transform", ""))
    assert scale is not None
    assert float(scale[1]) * (len(modules) + 8) == pytest.approx(138, abs=0.01)


def test_two_certificates_on_one_page_share_no_names():
    other = a_certificate(certificate_id="c" + "b" * 26)
    names = re.findall(r'id="([^"]+)"', draw() + draw(other))
    assert len(set(names)) == len(names) == 2
