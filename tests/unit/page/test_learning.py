"""What the page keeps of an article's HTML, what it looks for, and a quiz as answers come in."""

from typing import Any

import pytest

from tests.support.node import answers


def answer(do: str, **question: Any) -> Any:
    return answers([{"do": do, **question}])[0]


def kept(*children: Any) -> Any:
    """Nodes are texts, or [name, attributes, *children]."""
    return answer("kept", children=children)


def element(name: str, *children: Any, **attributes: str) -> dict[str, Any]:
    return {"name": name, "attributes": attributes, "children": list(children)}


def test_a_paragraph_with_emphasis_is_kept_as_it_is():
    found = kept(["p", {}, "Save ", ["strong", {}, "200 g"], "."])
    assert found == [element("p", "Save ", element("strong", "200 g"), ".")]


@pytest.mark.parametrize(
    "name",
    ["script", "style", "iframe", "svg", "math", "template", "form", "img", "h1", "constructor"],
)
def test_an_element_that_no_article_has_is_left_out_with_all_it_holds(name: str):
    assert kept("a", [name, {"src": "x"}, ["p", {}, "inside"]], "b") == ["a", "b"]


def test_a_picture_of_the_service_is_kept_with_its_words_and_its_size():
    name = f"v1/assets/rules-en.{'0a' * 16}.svg"
    attributes = {"src": f"/{name}", "alt": "Six bars", "width": "640"}
    (found,) = kept(["img", {**attributes, "height": "1e9", "onerror": "x()", "srcset": "x"}])
    kept_of_it = {**attributes, "src": name, "loading": "lazy"}
    assert found == {"name": "img", "attributes": kept_of_it, "children": []}


@pytest.mark.parametrize(
    "source",
    [
        f"https://example.org/v1/assets/a.{'0a' * 16}.svg",
        "//example.org/v1/assets/a.svg",
        "/v1/assets/../me/account",
        f"/v1/assets/a.{'0a' * 16}.svg?x",
        "/v1/assets/a.svg",
        "data:image/svg+xml,x",
        "",
    ],
)
def test_a_picture_from_anywhere_else_is_left_out(source: str):
    assert kept("a", ["img", {"src": source}], "b") == ["a", "b"]


def test_a_comment_is_left_out():
    assert kept("a", None, "b") == ["a", "b"]


def test_no_attribute_is_kept_that_an_element_need_not_have():
    attributes = {"onclick": "x()", "style": "color: red", "id": "app", "class": "card"}
    found = kept(["p", attributes], ["a", attributes], ["ol", attributes], ["sup", attributes])
    assert found == [element("p"), element("a"), element("ol"), element("sup")]


def test_a_link_elsewhere_opens_in_another_tab_that_knows_nothing_of_this_one():
    (found,) = kept(
        ["a", {"href": "https://example.org/a?b=c", "target": "_self", "rel": "x"}, "a"]
    )
    assert found == {
        "name": "a",
        "attributes": {
            "href": "https://example.org/a?b=c",
            "target": "_blank",
            "rel": "noopener noreferrer",
        },
        "children": ["a"],
    }


def test_a_link_to_another_article_stays_in_the_page():
    (found,) = kept(["a", {"href": "#/contents/walking"}, "walking"])
    assert found == element("a", "walking", href="#/contents/walking")


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        " https://example.org/",
        "https:javascript:alert(1)",
        "https:///x",
        "http://example.org/",
        "//example.org/",
        "data:text/html,x",
        "#access_token=stolen",
        "#/contents/x?y",
        "#/consents",
    ],
)
def test_a_link_to_anything_else_leads_nowhere(address: str):
    assert kept(["a", {"href": address}, "text"]) == [element("a", "text")]


@pytest.mark.parametrize(("name", "attribute"), [("sup", "data-source"), ("ol", "start")])
def test_a_number_is_kept_and_nothing_else_in_its_place(name: str, attribute: str):
    good, bad = kept([name, {attribute: "3"}], [name, {attribute: "3 onclick=x"}])
    assert good["attributes"] == {attribute: "3"}
    assert bad["attributes"] == {}


def test_what_lies_deeper_than_any_article_is_left_out():
    assert answer("nested", name="blockquote", depth=40) == 32


def test_what_is_wanted_of_the_articles_stands_in_the_address():
    wanted = {"kind": "policy", "tag": "用电", "q": "100% & more?"}
    address = answer("address", wanted=wanted)
    assert address == ("#/contents?kind=policy&tag=%E7%94%A8%E7%94%B5&q=100%25+%26+more%3F")
    assert answer("wanted", hash=address) == wanted


def test_an_address_without_wishes_wants_every_article():
    assert answer("address", wanted={"kind": "", "tag": "", "q": ""}) == "#/contents"
    nothing = {"kind": "", "tag": "", "q": ""}
    assert answer("wanted", hash="#/contents") == nothing
    assert answer("wanted", hash="#/contents?limit=50") == nothing


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("https://example.org/a", "https://example.org/a"),
        ("http://example.org/a", "http://example.org/a"),
        ("/v1/methodologies/metro/2026.1", "v1/methodologies/metro/2026.1"),
        ("javascript:alert(1)", None),
        ("//example.org/a", None),
        ("/app", None),
        ("/v1/x?y=z", None),
    ],
)
def test_a_source_is_on_the_web_or_at_a_route_of_the_service(address: str, place: str | None):
    assert answer("place", address=address) == place


def quiz() -> dict[str, Any]:
    right = {"option": 1, "is_correct": True, "correct_option": 1, "points": 2}
    return {
        "day": "2026-11-10",
        "questions": [{"question_id": "first", "answer": right}, {"question_id": "second"}],
        "streak_days": 4,
        "points_today": 12,
        "points_day_cap": 60,
    }


def test_a_graded_answer_stands_at_its_question_and_counts_today():
    solution = {"option": 0, "is_correct": True, "correct_option": 0, "points": 2}
    told = {"question_id": "second", "day": "2026-11-10", "streak_days": 5, **solution}
    found = answer("graded", quiz=quiz(), graded=told)
    assert found["questions"][0] == quiz()["questions"][0]
    assert found["questions"][1] == {"question_id": "second", "answer": solution}
    assert (found["streak_days"], found["points_today"], found["points_day_cap"]) == (5, 14, 60)
    assert found["day"] == "2026-11-10"


def test_answers_are_counted_and_the_right_ones_among_them():
    assert answer("count", quiz=quiz()) == {"asked": 2, "answered": 1, "right": 1}
    wrong = {"question_id": "second", "day": "2026-11-10", "streak_days": 5}
    wrong |= {"option": 1, "is_correct": False, "correct_option": 0, "points": 0}
    graded = answer("graded", quiz=quiz(), graded=wrong)
    assert answer("count", quiz=graded) == {"asked": 2, "answered": 2, "right": 1}
