"""What surrounds the account, in a browser: itself, calculator, status, share cards, no network."""

from pathlib import Path

from playwright.sync_api import Browser, Route, expect

from infra.local.stack import LocalStack
from tests.support.browser import Screen, Walk, in_a_pair, needs_chromium
from tests.support.readers import open_empty, open_with_rides

pytestmark = needs_chromium


def focused(walk: Walk) -> object:
    return walk.page.evaluate("document.activeElement.id")


@in_a_pair
def test_an_account_is_closed_in_two_steps_and_another_one_opened(walk: Walk):
    subject = f"closing-{walk.screen.name}"
    open_with_rides(walk.stack, subject)
    walk.sign_in_as(subject, "#/account")
    walk.title("我的账户", "My account")
    walk.require_standards()
    walk.press("注销账户", "Close the account")
    assert focused(walk) == "closing"
    walk.require_standards()
    walk.keep("account-closing")
    walk.press("保留账户，返回", "Keep the account")
    assert focused(walk) == "close"
    walk.press("注销账户", "Close the account")
    walk.press("确认注销账户", "Close it for good")
    walk.title("账户已注销", "The account is closed")
    walk.require_standards()
    walk.press("开通新账户", "Open a new account")
    walk.title("首页", "Home")
    walk.see("这段时间没有记录。", "There are no entries in this time.")
    walk.open("#/account")
    walk.see("使用中", "Open")


@in_a_pair
def test_anybody_reads_the_status_whatever_else_fails(walk: Walk):
    walk.page.route("**/v1/keys", lambda route: route.abort())
    walk.open()
    walk.page.locator("a[href='#/status']").click()
    walk.title("服务状态", "State of the service")
    walk.see("最近封存的一天", "Last sealed day")
    walk.require_standards()
    walk.require_keyboard()
    walk.keep("status")


@in_a_pair
def test_anybody_works_out_a_footprint_and_keeps_its_picture(walk: Walk, tmp_path: Path):
    walk.open("#/calculator")
    walk.title("碳足迹计算器", "Footprint calculator")
    walk.require_standards()
    walk.page.fill("#q-household_size", "0")
    walk.press("计算", "Work it out")
    assert focused(walk) == "q-household_size"
    walk.see("超出允许范围 1–20", "Outside what is plausible, 1–20")
    walk.page.fill("#q-household_size", "3")
    walk.press("计算", "Work it out")
    expect(walk.page.locator("#result")).to_be_focused()
    walk.see("您本人的回答： 1 / 25", "Answers that are your own: 1 / 25")
    walk.see("从不相抵", "are never netted")
    walk.require_standards()
    walk.keep("calculator")
    for kind, beginning in (("PNG", b"\x89PNG"), ("SVG", b"<svg xmlns=")):
        with walk.page.expect_download() as download:
            walk.press(f"保存为 {kind}", f"Save as {kind}")
        path = tmp_path / kind
        download.value.save_as(path)
        assert path.read_bytes().startswith(beginning)


@in_a_pair
def test_a_footprint_is_kept_in_the_account(walk: Walk):
    subject = f"calculating-{walk.screen.name}"
    open_empty(walk.stack, subject)
    # There is none before.
    with walk.refused(404):
        walk.sign_in_as(subject, "#/calculator")
        walk.page.fill("#q-household_size", "3")
    walk.press("计算", "Work it out")
    walk.press("把这些回答保存到我的账户", "Keep these answers in my account")
    walk.see("保存在您的账户里", "Kept in your account")
    walk.page.reload()
    walk.see("保存在您的账户里", "Kept in your account")
    expect(walk.page.locator("#q-household_size")).to_have_value("3")


@in_a_pair
def test_a_share_card_is_made_after_consent_and_revoked_at_once(walk: Walk):
    subject = f"sharing-{walk.screen.name}"
    open_with_rides(walk.stack, subject)
    walk.sign_in_as(subject, "#/shares")
    walk.require_standards()
    walk.press("允许", "Allow")
    walk.page.get_by_label(walk.text("天蓝", "Sky")).check()
    walk.page.fill("#share-nickname", "Lin")
    walk.press("生成卡片", "Make the card")
    expect(walk.page.locator("#cards")).to_be_focused()
    drawn = "() => document.querySelector('img.picture').naturalWidth > 0"
    walk.page.locator("img.picture").scroll_into_view_if_needed()
    walk.page.wait_for_function(drawn)
    walk.require_standards()
    walk.keep("shares")
    link = walk.page.locator("input[readonly]").input_value()
    assert walk.page.request.get(link).status == 200
    walk.press("撤销", "Revoke")
    assert focused(walk) == "revoking"
    walk.press("保留", "Keep it")
    expect(walk.page.locator("[id^=revoke-]")).to_be_focused()
    walk.press("撤销", "Revoke")
    walk.press("立即撤销", "Revoke it now")
    walk.see("已撤销", "Revoked on")
    expect(walk.page.locator("#cards")).to_be_focused()
    assert walk.page.request.get(link).status == 410


@in_a_pair
def test_a_card_that_the_reader_could_not_see_yet_is_not_made_twice(walk: Walk):
    subject = f"sharing-once-{walk.screen.name}"
    open_with_rides(walk.stack, subject)
    walk.sign_in_as(subject, "#/shares")
    walk.press("允许", "Allow")
    # The card is made, and the list of cards does not come.
    with walk.unreachable():
        walk.page.route("**/v1/me/shares", make_only)
        walk.press("生成卡片", "Make the card")
        walk.see("连接不上服务。", "The service cannot be reached.")
        walk.page.unroute("**/v1/me/shares")
    walk.press("生成卡片", "Make the card")
    expect(walk.page.locator("#cards")).to_be_focused()
    walk.count("input[readonly]", 1)


def make_only(route: Route) -> None:
    if route.request.method == "POST":
        route.continue_()
    else:
        route.abort()


@in_a_pair
def test_without_a_connection_the_page_opens_and_says_so(
    browser: Browser, stack: LocalStack, screen: Screen
):
    with Walk(browser, stack, screen, keeps_files=True) as walk:
        walk.open()
        walk.page.evaluate("navigator.serviceWorker.ready")
        walk.page.wait_for_function("navigator.serviceWorker.controller !== null")
        with walk.disconnected():
            walk.page.reload()
            walk.see("您现在离线", "You are offline")
            walk.title("请先登录", "Please sign in")
            walk.open("#/status")
            walk.see("连接不上服务", "The service cannot be reached")
        walk.not_see("您现在离线", "You are offline")
        walk.press("重试", "Try again")
        walk.see("最近封存的一天", "Last sealed day")
        kept = "async () => (await (await caches.open((await caches.keys())[0])).keys())"
        addresses = walk.page.evaluate(f"async () => (await ({kept})()).map((each) => each.url)")
        assert f"{stack.base_url}/app" in addresses
        assert [each for each in addresses if "/v1/" in each] == []
