"""What reductions and points are worth, as a reader of the account page sees and spends it."""

import re

import pytest
from playwright.sync_api import Route, expect

from infra.local.supplier import Behaviour
from tests.support.browser import PATIENCE_MS, Walk, in_a_pair, needs_chromium
from tests.support.readers import open_empty, open_with_rides

VIEWS = ("#/benefits", "#/retirements", "#/movements")
COFFEE, WALK = "coffee-own-cup", "wetland-walk"
COFFEE_TEXTS = ("自带杯咖啡券", "A coffee in your own cup")
WALK_TEXTS = ("湿地观鸟最后一席", "The last seat of the wetland walk")

pytestmark = needs_chromium


@pytest.fixture
def spender(walk: Walk, request: pytest.FixtureRequest) -> str:
    subject = f"{request.node.originalname.removeprefix('test_')[:24]}-{walk.screen.name}"
    open_with_rides(walk.stack, subject)
    return subject


def redeem(walk: Walk, texts: tuple[str, str]) -> None:
    chinese, english = texts
    walk.press(f"兑换: {chinese}", f"Redeem: {english}")
    walk.see(
        "24 小时内没有发券，则全部退回。", "without a voucher within 24 hours, all of it does."
    )
    walk.press("确认兑换", "Redeem now")


@in_a_pair
def test_a_benefit_is_redeemed_and_its_voucher_is_shown(walk: Walk, spender: str):
    walk.sign_in_as(spender, "#/benefits")
    walk.title("兑换", "Rewards")
    walk.see("还没有兑换过。", "You have redeemed nothing yet.")
    redeem(walk, COFFEE_TEXTS)
    walk.title(*COFFEE_TEXTS)
    walk.stack.drain()
    walk.open("#/benefits")
    walk.page.locator("main .list a").click()
    walk.see("已发券", "Voucher issued")
    expect(walk.page.locator(".code code")).to_have_text(re.compile(r"^DEMO-\w+-\w+$"))
    walk.keep("voucher")
    walk.open("#/movements")
    walk.see("兑换完成", "Redemption settled")
    walk.see("为兑换预留", "Set aside for a redemption")
    walk.keep("movements")


@in_a_pair
def test_what_its_supplier_still_works_at_is_waiting_and_can_be_cancelled(walk: Walk, spender: str):
    assert walk.stack.supplier is not None
    walk.stack.supplier.behaviours[WALK] = Behaviour(pending=100)
    try:
        walk.sign_in_as(spender, "#/benefits")
        redeem(walk, WALK_TEXTS)
        walk.title(*WALK_TEXTS)
        walk.stack.drain()
        walk.press("再看一次", "Look again")
        walk.see("等待供应商发券", "Waiting for the supplier")
        walk.keep("waiting")
        walk.require_standards()
        walk.press("取消兑换", "Cancel it")
        walk.press("确认取消", "Yes, cancel it")
        walk.see("已取消", "Cancelled")
        walk.count("[role=alert]", 0)
        walk.open("#/movements")
        walk.see("兑换退回", "Given back from a redemption")
    finally:
        del walk.stack.supplier.behaviours[WALK]


@in_a_pair
def test_an_amount_is_retired_for_ever_and_its_certificate_is_verified(walk: Walk, spender: str):
    walk.sign_in_as(spender, "#/more")
    walk.page.locator("a[href='#/retirements']").click()
    walk.title("减排量注销与证书", "Retire and certify")
    walk.see("还没有注销过减排量。", "You have retired nothing yet.")
    amount = walk.page.get_by_label(walk.text("数量", "How much"))
    amount.fill("0.1234567")
    walk.page.get_by_label(walk.text("什么事", "Which one")).fill("植树节")
    walk.press("先看看结果", "See what that comes to")
    walk.see("最细到毫克", "no finer than a milligram")
    amount.fill("0.123456")
    walk.press("先看看结果", "See what that comes to")
    walk.see("这一步不能撤销", "This cannot be undone")
    walk.keep("retiring")
    walk.require_standards()
    walk.press("永久注销这些减排量", "Retire for ever")
    walk.see("证书真实，内容未被改动。", "It is genuine, and nothing in it was changed.")
    walk.see("123.456 g CO₂e")
    picture = walk.page.locator(".picture")
    expect(picture).to_have_js_property("naturalWidth", 1123, timeout=PATIENCE_MS)
    walk.keep("certificate")
    walk.require_standards()
    walk.open("#/retirements")
    walk.see("植树节")


@in_a_pair
def test_what_is_typed_while_the_service_works_is_not_taken_for_what_it_answers(
    walk: Walk, spender: str
):
    walk.sign_in_as(spender, "#/retirements")
    amount = walk.page.locator("#amount")
    amount.fill("0.1")
    walk.page.get_by_label(walk.text("什么事", "Which one")).fill("植树节")

    def slowly(route: Route) -> None:
        amount.fill("0.2")
        route.continue_()

    walk.page.route("**/v1/me/retirements?dry_run=true", slowly, times=1)
    with walk.page.expect_response("**/v1/me/retirements?dry_run=true"):
        walk.press("先看看结果", "See what that comes to")
    preview = walk.page.get_by_role(
        "button", name=walk.text("先看看结果", "See what that comes to")
    )
    expect(preview).to_be_enabled()
    walk.not_see("这一步不能撤销", "This cannot be undone")
    preview.click()
    walk.see("200 g CO₂e")


@in_a_pair
def test_an_order_whose_answer_was_lost_is_not_made_twice(walk: Walk, spender: str):
    walk.sign_in_as(spender, "#/benefits")
    chinese, english = COFFEE_TEXTS
    walk.press(f"兑换: {chinese}", f"Redeem: {english}")
    confirm = walk.page.get_by_role("button", name=walk.text("确认兑换", "Redeem now"))

    def lose(route: Route) -> None:
        """Let the order reach the service, and its answer nobody."""
        route.fetch()
        route.abort()

    # The cut that the walk knows of, and within it an order that arrives.
    with walk.unreachable():
        walk.page.route("**/v1/me/redemptions", lose)
        confirm.click()
        walk.see("连接不上服务。", "The service cannot be reached.")
        walk.page.unroute("**/v1/me/redemptions")
    walk.press("确认兑换", "Redeem now")
    walk.title(*COFFEE_TEXTS)
    walk.stack.drain()
    walk.open("#/benefits")
    walk.count("main .list a", 1)


@in_a_pair
def test_who_has_nothing_sees_what_is_missing(walk: Walk):
    subject = f"poor-{walk.screen.name}"
    open_empty(walk.stack, subject)
    walk.sign_in_as(subject, "#/benefits")
    walk.see("还差 15 积分", "You lack 15 points")
    name = walk.text(f"兑换: {COFFEE_TEXTS[0]}", f"Redeem: {COFFEE_TEXTS[1]}")
    expect(walk.page.get_by_role("button", name=name)).to_be_disabled(timeout=PATIENCE_MS)
    walk.open("#/movements")
    walk.see("还没有变动。", "Nothing has moved yet.")


@in_a_pair
def test_these_views_are_accessible_and_the_keyboard_reaches_everything(walk: Walk, spender: str):
    walk.sign_in_as(spender)
    for address in VIEWS:
        walk.open(address)
        walk.require_standards()
        walk.require_keyboard()
