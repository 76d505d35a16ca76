"""Cards over HTTP, over the town that the events are sent to: what anybody with a link sees."""

import base64
import re
import struct
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from tests.support.cloud import Cloud, context, http_event, load
from tests.support.features import shares
from tests.support.town import build_town


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        yield build_town(patch)[0]


def show(token: str, picture: str = "") -> dict[str, Any]:
    route = f"/v1/shares/{{token}}{picture}"
    path = {"token": token}
    event = http_event("GET", route.format(token=token), route=route, path=path, subject=None)
    answer: dict[str, Any] = load("get_share").handler(event, context())
    return answer


def test_the_page_is_html_that_nobody_keeps_and_that_runs_nothing(cloud):
    answer = show(shares.SHOWN)
    headers = answer["headers"]
    assert answer["statusCode"] == 200
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "200 g CO₂e" in answer["body"]


def test_nothing_shown_leads_to_the_account(cloud):
    account_id = shares.ACCOUNTS["share-1"]
    for answer in (show(shares.SHOWN), show(shares.SHOWN, "/card.svg")):
        for secret in (account_id, shares.share_id(), "share-1", "metro", "2026-11-09"):
            assert secret not in answer["body"]


def test_the_pixels_are_a_png_of_the_cards_size_that_nobody_keeps(cloud):
    answer = show(shares.SHOWN, "/card.png")
    assert answer["statusCode"] == 200
    assert answer["headers"]["Content-Type"] == "image/png"
    assert answer["headers"]["Cache-Control"] == "no-store"
    assert answer["isBase64Encoded"]
    pixels = base64.b64decode(answer["body"])
    assert pixels.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", pixels[16:24]) == (1200, 630)


@pytest.mark.parametrize(
    ("token", "status"),
    [(shares.REVOKED, 410), (shares.WITHDRAWN, 410), ("b" * 26, 404)],
)
def test_what_is_not_shown_is_a_page_that_says_so(cloud, token, status):
    answer = show(token)
    assert answer["statusCode"] == status
    assert answer["headers"]["Content-Type"] == "text/html; charset=utf-8"
    assert answer["headers"]["Cache-Control"] == "no-store"
    assert "小明" not in answer["body"]


def test_a_card_is_gone_with_the_answer_that_revoked_it(cloud):
    path = {"share_id": shares.share_id()}
    assert cloud.request("revoke_share", subject="share-1", path=path)[0] == 200
    assert show(shares.SHOWN)["statusCode"] == 410
    assert show(shares.SHOWN, "/card.svg")["statusCode"] == 410
    assert show(shares.SHOWN, "/card.png")["statusCode"] == 410


def test_a_card_is_gone_with_its_account(cloud):
    assert cloud.request("close_account", subject="share-1")[0] == 200
    assert show(shares.SHOWN)["statusCode"] == 410


def test_ten_repeats_have_one_answer_and_one_card(cloud):
    answers = [shares.make(cloud, "share-1", shares.NEW_KEY, shares.CARD) for _ in range(10)]
    assert {status for status, _, _ in answers} == {201}
    assert all(body == answers[0][1] for _, body, _ in answers)
    _, listed, _ = cloud.request("list_shares", subject="share-1")
    assert len(listed["shares"]) == 3


def test_the_links_of_an_answer_lead_to_the_card(cloud):
    _, body, _ = shares.make(cloud, "share-1", shares.NEW_KEY, shares.CARD)
    match = re.search(r"/v1/shares/([a-z0-9]{26})$", body["page"])
    assert match
    assert body["svg"] == body["page"] + "/card.svg"
    assert body["png"] == body["page"] + "/card.png"
    assert show(match[1])["statusCode"] == 200
