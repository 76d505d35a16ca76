"""The account page in a browser, over the stack that runs: from the sign-in to a receipt."""

import pytest
from playwright.sync_api import Browser, expect

from infra.local.stack import LocalStack
from tests.page_figures import figures
from tests.support.browser import Walk, everywhere, in_a_pair, needs_chromium
from tests.support.readers import ENTRIES, open_empty, open_with_rides

# As the local issuer's page names her, and as her token does.
LIN, LIN_SUBJECT = "Lin", "demo-lin"
VIEWS = ("", "#/entries", "#/consents", "#/more")
FORBIDDEN_STORAGE = """
for (const name of ["localStorage", "sessionStorage"]) {
  const get = () => { throw new DOMException("Forbidden.", "SecurityError"); };
  Object.defineProperty(window, name, { get });
}
"""

pytestmark = needs_chromium


@pytest.fixture(scope="module", autouse=True)
def town(partners: None, stack: LocalStack) -> LocalStack:
    """Lin has rides; nobody else has an account."""
    del partners
    open_with_rides(stack, LIN_SUBJECT)
    return stack


@everywhere
def test_from_the_sign_in_to_a_receipt_that_is_the_same_to_the_milligram(walk: Walk):
    walk.open()
    walk.title("请先登录", "Please sign in")
    walk.keep("1-sign-in")
    walk.sign_in(LIN)
    walk.title("首页", "Home")
    walk.see("今天的减排量", "Reduction today")
    walk.see("累计减排量", "Reduction in all")
    assert "access_token" not in walk.page.url
    walk.count("svg[role=img]", 2)
    walk.page.locator("summary").first.click()
    expect(walk.page.locator("details[open] tbody tr")).to_have_count(2)
    walk.keep("2-home")

    walk.press("明细", "Statement")
    walk.count(".list li", 20)
    walk.press("加载更多", "Show more")
    walk.count(".list li", ENTRIES)
    walk.choose("场景", "Scenario", "shared-bike")
    walk.count(".list li", 2)
    walk.keep("3-statement")

    # A metro ride's receipt has several steps, of which one is changed below.
    walk.choose("场景", "Scenario", "metro")
    walk.count(".list li", 10)
    walk.page.locator(".list a").first.click()
    walk.see("与账上一致，毫克不差。", "The same to the milligram.")
    assert walk.page.locator(".steps li").count() > 1
    walk.count(".steps .bad", 0)
    walk.keep("4-receipt")
    walk.press("看看被改动的凭证会怎样", "See what a changed receipt looks like")
    walk.see("与账上不一致。", "Not the same.")
    walk.count(".steps .bad", 1)
    walk.keep("5-tampered")
    walk.press("恢复原凭证", "Back to the real receipt")
    walk.see("与账上一致，毫克不差。", "The same to the milligram.")
    walk.count(".steps .bad", 0)


@in_a_pair
def test_a_consent_is_withdrawn_in_one_step_and_the_platform_s_own_is_given_again(walk: Walk):
    subject = f"consenting-{walk.screen.name}"
    open_with_rides(walk.stack, subject)
    walk.sign_in_as(subject, "#/consents")
    walk.title("授权", "Consents")
    walk.count("[role=switch][aria-checked=true]", 3)
    switch = walk.page.locator("[role=switch][aria-checked=true]").first
    name = switch.get_attribute("aria-label")
    assert name is not None
    walk.press(name)
    walk.count("[role=switch][aria-checked=true]", 2)
    # A partner's consent is given in the partner's app, where this page has no link token.
    expect(walk.page.get_by_role("switch", name=name, exact=True)).to_be_disabled()
    walk.see("请在合作方的 App 中授权。", "Give this consent in the partner's app.")

    own = walk.page.locator("[role=switch]:enabled[aria-checked=false]").first
    name = own.get_attribute("aria-label")
    assert name is not None
    for checked in ("true", "false", "true"):
        walk.press(name)
        switch = walk.page.get_by_role("switch", name=name, exact=True)
        expect(switch).to_have_attribute("aria-checked", checked)
    walk.keep("consents")


@in_a_pair
def test_whoever_has_no_account_opens_one_and_finds_it_empty(walk: Walk):
    with walk.refused(404):
        walk.sign_in_as(f"newcomer-{walk.screen.name}")
        walk.see("您还没有碳账户。", "You have no carbon account yet.")
        walk.keep("no-account")
        walk.press("开通碳账户", "Open an account")
    walk.see("累计减排量", "Reduction in all")
    walk.see("这段时间没有记录。", "There are no entries in this time.")
    walk.keep("empty-home")
    walk.press("明细", "Statement")
    walk.see("还没有记录。", "Nothing yet.")


@in_a_pair
def test_a_token_that_has_ended_leads_back_to_the_sign_in(walk: Walk):
    with walk.refused(401):
        walk.hand_over(walk.stack.token(LIN_SUBJECT, lifetime_s=-3600))
        walk.title("请先登录", "Please sign in")
    assert walk.page.evaluate("sessionStorage.length") == 0


@in_a_pair
def test_signing_out_leaves_nothing_behind(walk: Walk):
    walk.sign_in(LIN)
    walk.press("退出", "Sign out")
    walk.title("请先登录", "Please sign in")
    assert walk.page.evaluate("sessionStorage.length") == 0
    walk.page.reload()
    walk.title("请先登录", "Please sign in")


@in_a_pair
def test_where_the_service_is_out_of_reach_the_page_says_so_and_tries_again(walk: Walk):
    walk.open()
    with walk.unreachable():
        walk.sign_in_as(LIN_SUBJECT)
        walk.see("连接不上服务。", "The service cannot be reached.")
        expect(walk.page.get_by_role("alert")).to_be_visible()
        walk.keep("unreachable")
    walk.press("重试", "Try again")
    walk.see("累计减排量", "Reduction in all")


@in_a_pair
def test_a_statement_that_could_not_be_read_is_not_said_to_be_empty(walk: Walk):
    walk.sign_in(LIN)
    walk.press("明细", "Statement")
    with walk.unreachable():
        walk.choose("场景", "Scenario", "metro")
        walk.see("连接不上服务。", "The service cannot be reached.")
        walk.not_see("这段时间没有记录。", "There are no entries in this time.")
    walk.press("重试", "Try again")
    walk.count(".list li", 10)


@in_a_pair
def test_the_page_works_where_the_browser_may_keep_nothing(walk: Walk):
    walk.page.add_init_script(FORBIDDEN_STORAGE)
    walk.sign_in_as(LIN_SUBJECT)
    walk.see("累计减排量", "Reduction in all")
    walk.press("退出", "Sign out")
    walk.title("请先登录", "Please sign in")


@in_a_pair
def test_the_language_is_switched_and_remembered(walk: Walk):
    walk.sign_in(LIN)
    walk.press("English", "中文")
    other = "Home" if walk.screen.language == "zh-CN" else "首页"
    expect(walk.page.locator("h1")).to_have_text(other)
    walk.page.reload()
    expect(walk.page.locator("h1")).to_have_text(other)
    language = walk.page.evaluate("document.documentElement.lang")
    assert language == ("en" if other == "Home" else "zh-Hans")


@in_a_pair
def test_every_view_is_accessible_fits_and_is_easy_to_touch(walk: Walk):
    walk.open()
    walk.require_standards()
    walk.sign_in(LIN)
    for address in VIEWS:
        walk.open(address)
        walk.require_standards()
    walk.open("#/entries")
    walk.page.locator(".list a").first.click()
    walk.see("与账上一致", "The same to the milligram.")
    walk.require_standards()
    walk.press("看看被改动的凭证会怎样", "See what a changed receipt looks like")
    walk.require_standards()


@in_a_pair
def test_the_keyboard_reaches_everything_and_opens_it(walk: Walk):
    walk.sign_in(LIN)
    for address in VIEWS:
        walk.open(address)
        walk.require_keyboard()
    walk.open("#/entries")
    walk.page.locator(".list a").first.focus()
    walk.page.keyboard.press("Enter")
    walk.see("与账上一致", "The same to the milligram.")
    walk.require_keyboard()


@in_a_pair
def test_nothing_moves_for_those_who_asked_for_less_motion(walk: Walk):
    open_empty(walk.stack, f"still-{walk.screen.name}")
    walk.page.emulate_media(reduced_motion="reduce")
    walk.sign_in_as(f"still-{walk.screen.name}", "#/consents")
    walk.page.locator("[role=switch]:enabled").first.click()
    assert walk.page.evaluate("document.getAnimations().length") == 0
    moving = """
    () => [...document.querySelectorAll("*")].flatMap((each) =>
      [null, "::before", "::after"].map((part) => getComputedStyle(each, part)))
      .filter((style) => [style.transitionDuration, style.animationDuration].some(parseFloat))
      .length
    """
    assert walk.page.evaluate(moving) == 0


def test_the_figures_of_the_page_can_be_measured(browser: Browser, town: LocalStack):
    found = figures(browser, town, LIN_SUBJECT, rounds=1)
    assert [what for what, _, _ in found] == [
        f"{screen}: {figure}"
        for screen in ("sign-in", "home, signed in")
        for figure in ("requests", "content", "sent", "until it can be used")
    ]
