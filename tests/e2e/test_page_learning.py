"""The account page's articles and quiz in a browser, over the stack that runs."""

from playwright.sync_api import Locator, Route, expect

from tests.support.browser import Walk, in_a_pair, needs_chromium
from tests.support.readers import open_empty

QUESTIONS = 5

pytestmark = needs_chromium


def begin(walk: Walk, name: str, address: str) -> None:
    """Open a view as somebody who has an account and nothing else."""
    subject = f"{name}-{walk.screen.name}"
    open_empty(walk.stack, subject)
    walk.sign_in_as(subject, address)


@in_a_pair
def test_an_article_is_found_by_words_and_read_with_its_sources(walk: Walk):
    begin(walk, "reading", "#/contents")
    walk.title("学习", "Learn")
    walk.count(".articles > li", 10)
    walk.press("加载更多", "Show more")
    walk.count(".articles > li", 20)
    walk.keep("articles")
    walk.require_standards()

    field = walk.page.get_by_role("searchbox")
    field.fill(walk.text("电网因子", "grid factor"))
    field.press("Enter")
    walk.press("资讯", "News")
    title = walk.text("2023年电力排放因子公布：全国平均每度电0.5306千克", "Grid factors for 2023")
    found = walk.page.locator(".articles h3 a", has_text=title)
    expect(found).to_have_count(1)
    listed = walk.page.url
    found.click()
    expect(walk.page.locator("article .article p").first).to_be_visible()
    walk.keep("article")
    walk.require_standards()
    walk.require_keyboard()

    mark = walk.page.locator(".citation").nth(1)
    mark.click()
    expect(walk.page.locator("#source-1")).to_be_focused()
    walk.page.locator("#source-1 button").click()
    expect(mark).to_be_focused()
    source = walk.page.locator("#source-1 a")
    expect(source).to_have_attribute("rel", "noopener noreferrer")
    expect(source).to_have_attribute("target", "_blank")

    walk.press("返回文章列表", "Back to the articles")
    expect(found).to_have_count(1)
    assert walk.page.url == listed


@in_a_pair
def test_where_nothing_is_found_the_reader_gets_back_to_all_articles(walk: Walk):
    begin(walk, "searching", "#/contents?kind=policy&q=%E6%97%A0%E6%AD%A4%E8%AF%8Dxyz")
    walk.see("没有符合条件的文章。", "No article matches.")
    walk.count(".articles > li", 0)
    walk.require_standards()
    walk.press("清除条件，查看全部文章", "Show all articles again")
    walk.count(".articles > li", 10)
    expect(walk.page.get_by_role("searchbox")).to_have_value("")
    expect(walk.page.locator("#found")).to_be_focused()


@in_a_pair
def test_a_tag_leads_to_the_articles_that_have_it_and_is_lifted_again(walk: Walk):
    begin(walk, "tagging", "#/contents/grid-factor-2023")
    walk.press("用电")
    walk.title("学习", "Learn")
    walk.count(".articles > li", 4)
    walk.require_standards()
    walk.press("不限标签", "Any tag")
    walk.count(".articles > li", 10)
    assert walk.page.url.endswith("/app#/contents")


@in_a_pair
def test_an_article_that_is_not_there_is_said_to_be_gone(walk: Walk):
    with walk.refused(404):
        begin(walk, "late", "#/contents/no-such-article")
        walk.see(
            "没有这篇文章，可能已经下架。", "There is no such article; it may have been retired."
        )


@in_a_pair
def test_pictures_and_links_of_an_article_work_in_the_page(walk: Walk):
    begin(walk, "looking", "#/contents/metro-ride-compared")
    picture = walk.page.locator(".article img")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", value=True)
    assert picture.evaluate("(image) => image.naturalWidth") > 0
    walk.keep("picture")
    walk.require_standards()
    walk.page.locator(".article a[href^='#/contents/']").first.click()
    walk.page.wait_for_url("**/app#/contents/range-and-evidence-grade")
    walk.settle()


@in_a_pair
def test_nothing_of_an_article_runs_or_is_loaded_whatever_the_service_would_send(walk: Walk):
    begin(walk, "attacked", "#/contents")
    html = (
        "<p>text<svg><a href='https://evil.test'>x</a></svg>"
        "<a href='javascript:window.taken=1'>press</a></p>"
        "<iframe src='https://evil.test'></iframe><img src='https://evil.test/a.png'>"
        "<form action='https://evil.test'><input></form>"
    )

    def send(route: Route) -> None:
        body = route.fetch().json()
        route.fulfill(json={**body, "html": html})

    walk.page.route("**/v1/contents/walking?*", send)
    walk.open("#/contents/walking")
    text = walk.page.locator(".article")
    expect(text).to_have_text("textpress")
    text.get_by_text("press").click()
    assert text.inner_html() == "<p>text<a>press</a></p>"
    assert walk.page.evaluate("window.taken") is None


@in_a_pair
def test_five_questions_are_answered_once_each_and_explained(walk: Walk):
    begin(walk, "asked", "#/contents")
    walk.see("0 / 5")
    walk.press("开始答题", "Begin")
    walk.count("fieldset", QUESTIONS)
    walk.require_standards()
    for number in range(QUESTIONS):
        question = walk.page.locator("form").first
        question.get_by_role("radio").first.check()
        question.get_by_role("button").click()
        walk.count(".options", number + 1)
        expect(walk.page.locator("[id^=verdict-]").nth(number)).to_be_focused()
    walk.see("今天的题目都答完了。", "You have answered all of today's questions.")
    walk.count("form", 0)
    walk.count(".options .correct", QUESTIONS)
    walk.page.locator("summary").first.click()
    walk.keep("quiz")
    walk.require_standards()
    walk.require_keyboard()
    walk.press("返回学习", "Back to Learn")
    walk.see("5 / 5")


@in_a_pair
def test_an_answer_whose_reply_was_lost_is_sent_again_and_stands(walk: Walk):
    begin(walk, "unlucky", "#/quiz")
    question = walk.page.locator("form").first
    answer_without_a_reply(walk, question, option=1)
    expect(question.get_by_role("radio").nth(1)).to_be_checked()
    question.get_by_role("button").click()
    walk.count(".options", 1)
    walk.count("[role=alert]", 0)
    chosen = walk.page.locator(".options li", has_text=walk.text("您的选择", "your answer"))
    expect(chosen).to_have_count(1)


@in_a_pair
def test_another_answer_after_a_lost_reply_does_not_replace_the_first(walk: Walk):
    begin(walk, "doubtful", "#/quiz")
    question = walk.page.locator("form").first
    answer_without_a_reply(walk, question, option=0)
    with walk.refused(409):
        question.get_by_role("radio").nth(1).check()
        question.get_by_role("button").click()
        walk.see("以先前的答案为准。", "the earlier answer stands.")
    options = walk.page.locator(".options li")
    expect(options.nth(0)).to_contain_text(walk.text("您的选择", "your answer"))


@in_a_pair
def test_what_was_chosen_for_yesterday_s_questions_is_not_chosen_for_today_s(walk: Walk):
    begin(walk, "midnight", "#/quiz")
    for number in (0, 1):
        walk.page.locator("form").nth(number).get_by_role("radio").nth(1).check()
    refusal = {"code": "question_not_found", "detail": ""}
    walk.page.route("**/v1/me/quiz/*", lambda route: route.fulfill(status=404, json=refusal))
    with walk.refused(404):
        walk.page.locator("form").first.get_by_role("button").click()
        walk.see("下面是今天的题目。", "These are today's.")
    walk.count("fieldset", QUESTIONS)
    walk.count("input:checked", 0)


def answer_without_a_reply(walk: Walk, question: Locator, *, option: int) -> None:
    """The service takes the answer, and the reader never hears it."""

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    with walk.unreachable():
        walk.page.route("**/v1/me/quiz/*", lose)
        question.get_by_role("radio").nth(option).check()
        question.get_by_role("button").click()
        walk.see("连接不上服务。", "The service cannot be reached.")
        walk.page.unroute("**/v1/me/quiz/*")
