"""The whole product on the account page, from opening an account to closing it."""

from datetime import timedelta

from infra.seed.partners import METRO
from tests.support.browser import PATIENCE_MS, Walk, everywhere, needs_chromium

pytestmark = needs_chromium

RIDES, RIDE_KM = 3, 20
COFFEE = ("自带杯咖啡券", "A coffee in your own cup")


@everywhere
def test_a_reader_goes_from_opening_an_account_to_closing_it(walk: Walk):
    subject = f"whole-{walk.screen.name}"
    open_account(walk, subject)
    consent_and_ride(walk, subject)
    recompute_a_receipt(walk)
    redeem(walk)
    retire(walk)
    learn(walk)
    calculate(walk)
    link = share(walk)
    walk.open("#/status")
    walk.title("服务状态", "State of the service")
    close_account(walk)
    assert walk.page.request.get(link).status == 410


def open_account(walk: Walk, subject: str) -> None:
    with walk.refused(404):
        walk.sign_in_as(subject)
        walk.press("开通碳账户", "Open an account")
    walk.see("累计减排量", "Reduction in all")


def consent_and_ride(walk: Walk, subject: str) -> None:
    # As a partner's app does: it hands the page a token that says whom the partner means.
    walk.page.expose_function(
        "linkTokenFor", lambda partner: walk.stack.link_token(partner, subject)
    )
    walk.page.evaluate("() => { window.carbonAccount.linkToken = window.linkTokenFor; }")
    walk.press("更多", "More")
    walk.page.locator("a[href='#/consents']").click()
    walk.press(allowing(walk, "metro", METRO.partner))
    walk.count("[role=switch][aria-checked=true]", 1)
    walk.keep("whole-1-consents")
    ride(walk, subject)


def recompute_a_receipt(walk: Walk) -> None:
    walk.press("明细", "Statement")
    walk.count(".list li", RIDES)
    walk.page.locator(".list a").first.click()
    walk.see("与账上一致，毫克不差。", "The same to the milligram.")
    walk.keep("whole-2-receipt")


def redeem(walk: Walk) -> None:
    walk.press("兑换", "Rewards")
    walk.press(f"兑换: {COFFEE[0]}", f"Redeem: {COFFEE[1]}")
    walk.press("确认兑换", "Redeem now")
    walk.title(*COFFEE)
    walk.stack.drain()
    walk.press("首页", "Home")
    walk.press("兑换", "Rewards")
    walk.page.locator("main .list a").first.click()
    walk.see("已发券", "Voucher issued")
    walk.keep("whole-3-voucher")


def retire(walk: Walk) -> None:
    walk.open("#/retirements")
    walk.page.get_by_label(walk.text("数量", "How much")).fill("0.1")
    walk.page.get_by_label(walk.text("什么事", "Which one")).fill("植树节")
    walk.press("先看看结果", "See what that comes to")
    walk.press("永久注销", "Retire for ever")
    walk.see("证书真实，内容未被改动。", "It is genuine, and nothing in it was changed.")
    walk.keep("whole-4-certificate")


def learn(walk: Walk) -> None:
    walk.press("学习", "Learn")
    walk.page.locator(".articles a[href^='#/contents/']").first.click()
    walk.see("修订记录", "Revision history")
    walk.keep("whole-5-article")
    walk.open("#/quiz")
    question = walk.page.locator("form").first
    question.get_by_role("radio").first.check()
    question.get_by_role("button").click()
    walk.count(".options", 1)


def calculate(walk: Walk) -> None:
    # There are no answers yet.
    with walk.refused(404):
        walk.open("#/calculator")
    walk.page.fill("#q-household_size", "3")
    walk.press("计算", "Work it out")
    walk.see("从不相抵", "are never netted")
    walk.keep("whole-6-calculator")


def share(walk: Walk) -> str:
    """Make a card, and return its link."""
    walk.open("#/shares")
    walk.press("允许", "Allow")
    walk.press("生成卡片", "Make the card")
    drawn = "() => document.querySelector('img.picture')?.naturalWidth > 0"
    walk.page.locator("img.picture").scroll_into_view_if_needed()
    walk.page.wait_for_function(drawn, timeout=PATIENCE_MS)
    link = walk.page.locator("input[readonly]").input_value()
    assert walk.page.request.get(link).status == 200
    walk.keep("whole-7-share")
    return link


def close_account(walk: Walk) -> None:
    walk.open("#/account")
    walk.press("注销账户", "Close the account")
    walk.press("确认注销", "Close it for good")
    walk.title("账户已注销", "The account is closed")
    walk.keep("whole-8-closed")
    walk.press("退出", "Sign out")
    walk.title("请先登录", "Please sign in")


def allowing(walk: Walk, scenario: str, partner: str) -> str:
    """Return the name of a consent's switch, by what the service publishes."""
    language = "zh-Hans" if walk.screen.language == "zh-CN" else "en"
    notices = walk.stack.request("GET", "/v1/notices").json()["notices"]
    notice = next(each for each in notices if each["scenario"] == scenario)
    named = next(each for each in notice["partners"] if each["partner"] == partner)
    title = notice["texts"][language]["title"]
    return f"{walk.text('允许', 'Allow')}: {title}, {named['title'][language]}"


def ride(walk: Walk, subject: str) -> None:
    now = walk.stack.now()
    events = [
        {
            "specversion": "1.0",
            "id": f"{subject}-{number}",
            "source": METRO.source,
            "type": "carbon.metro.v1",
            "time": (now + timedelta(seconds=number)).isoformat(),
            "subject": subject,
            "data": {"distance_km": RIDE_KM},
        }
        for number in range(RIDES)
    ]
    results = walk.stack.send_events(METRO.partner, events)
    assert {each.status for each in results} == {"accepted"}, results
    walk.stack.drain()
