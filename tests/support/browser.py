"""The account page in a real browser, as somebody walks through it.

A walk fails on anything that a reader's console would show: an error of a script, a violation of
the page's policy, a request to another origin. Each step it keeps is a picture in build/page.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Self

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Locator,
    Page,
    Playwright,
    Request,
    expect,
)

from infra.local.places import PROJECT
from infra.local.stack import LocalStack

PICTURES: Final = PROJECT / "build" / "page"
CHROMIUM: Final = shutil.which("chromium")
# An emulated function that nobody has called yet takes seconds to start.
PATIENCE_MS: Final = 30_000
TARGET_PX_MIN: Final = 24
NARROWEST_PX: Final = 320
TABS_MAX: Final = 200
# What Chromium itself says of any answer from 400 on; the page shows such answers to the reader.
REFUSED: Final = r"Failed to load resource: the server responded with a status of {status} "
# What Playwright says where it lets no worker in.
WORKERS_BLOCKED: Final = "Service Worker registration blocked by Playwright"
UNREACHED: Final = r"Failed to load resource: net::ERR_FAILED"
DISCONNECTED: Final = r"Failed to load resource: net::ERR_INTERNET_DISCONNECTED"

# The browser calls no host but this machine, whatever a page asks for.
ARGUMENTS: Final = ("--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",)
WATCH_POLICY: Final = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} refused ${event.blockedURI}`));
"""
# Whoever can act on something must be able to reach it: what is shown, on, and not set aside.
REACHABLE: Final = """
() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
  .filter((each) => !each.disabled && each.checkVisibility({ visibilityProperty: true }))
"""
FOCUSED: Final = """
() => {
  const each = document.activeElement;
  const style = getComputedStyle(each);
  return {
    number: (REACHABLE)().indexOf(each),
    text: each.outerHTML.slice(0, 120),
    isSeen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
  };
}
""".replace("REACHABLE", REACHABLE)
# Links inside a sentence are exempt (WCAG 2.2, 2.5.8), as is what the browser draws by itself.
SMALL_TARGETS: Final = """
(least) => (REACHABLE)()
  .filter((each) => !(each.matches("a") && getComputedStyle(each).display === "inline"
    && each.parentElement.matches("p, li, dd, td") ))
  .map((each) => [each.outerHTML.slice(0, 120), each.getBoundingClientRect()])
  .filter(([, { width, height }]) => width < least || height < least)
  .map(([text, { width, height }]) => `${width} x ${height}: ${text}`)
""".replace("REACHABLE", REACHABLE)
TOO_WIDE: Final = """
() => [...document.querySelectorAll("#app *")]
  .filter((each) => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map((each) => each.outerHTML.slice(0, 120))
"""


@dataclass(frozen=True, slots=True)
class Screen:
    """A size and a language to read in."""

    size: str
    language: str

    @property
    def name(self) -> str:
        return f"{self.size}-{self.language}"

    def options(self) -> dict[str, Any]:
        """Return the options of a browser context."""
        if self.size == "phone":
            shape = {
                "viewport": {"width": 390, "height": 844},
                "device_scale_factor": 2,
                "has_touch": True,
                "is_mobile": True,
            }
        else:
            shape = {"viewport": {"width": 1280, "height": 900}}
        return {**shape, "locale": self.language}


PHONE_ZH: Final = Screen("phone", "zh-CN")
PHONE_EN: Final = Screen("phone", "en")
DESKTOP_ZH: Final = Screen("desktop", "zh-CN")
DESKTOP_EN: Final = Screen("desktop", "en")
SCREENS: Final = (PHONE_ZH, PHONE_EN, DESKTOP_ZH, DESKTOP_EN)
# Each size and each language once, for what does not differ between the four.
PAIR: Final = (PHONE_ZH, DESKTOP_EN)

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium; `make test` installs it")
everywhere = pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
in_a_pair = pytest.mark.parametrize("screen", PAIR, ids=lambda screen: screen.name)


def launch(playwright: Playwright) -> Browser:
    """Start Debian's Chromium; its sandbox needs another user than root."""
    assert CHROMIUM is not None
    return playwright.chromium.launch(
        executable_path=CHROMIUM, args=list(ARGUMENTS), chromium_sandbox=os.geteuid() != 0
    )


class Walk:
    """One reader with a browser of their own. Texts are given in Chinese and in English.

    Where there is one text, it is the same in both languages. `page` is Playwright's, for what is
    not offered here.
    """

    def __init__(
        self, browser: Browser, stack: LocalStack, screen: Screen, *, keeps_files: bool = False
    ) -> None:
        """`keeps_files` lets the page's worker be: it fetches files at times of its own."""
        self.stack = stack
        self.screen = screen
        self._context = browser.new_context(
            base_url=stack.base_url,
            service_workers="allow" if keeps_files else "block",
            **screen.options(),
        )
        self._context.set_default_timeout(PATIENCE_MS)
        self._context.add_init_script(WATCH_POLICY)
        self._context.on("request", self._note_request)
        self.page: Page = self._context.new_page()
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: self._complaints.append(f"error: {error}"))
        self._complaints: list[str] = []
        self._expected: list[str] = [WORKERS_BLOCKED]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self.keep("failed")
        self._context.close()
        if kind is None:
            assert self._complaints == []

    # ------------------------------------------------------------------------------ Moving about

    def open(self, address: str = "") -> None:
        """Open a view by what follows /app, such as "#/points", and wait until it has come."""
        self.page.goto(f"/app{address}")
        self.settle()

    def sign_in(self, person: str) -> None:
        """Choose a demo person on the local issuer's page."""
        self.open()
        self.press("登录", "Sign in")
        self.page.get_by_role("link", name=person).click()
        self.page.wait_for_url("**/app*")
        self.settle()

    def sign_in_as(self, subject: str, address: str = "") -> None:
        """Hand the token of any subject over, as an app does."""
        self.hand_over(self.stack.token(subject), address)

    def hand_over(self, token: str, address: str = "") -> None:
        self.open(address)
        self.page.evaluate("(token) => window.carbonAccount.setToken(token)", token)
        self.settle()

    def press(self, chinese: str, english: str | None = None) -> None:
        """Press the button, the switch or the link of this name, and wait for what comes."""
        name = self.text(chinese, english)
        roles = [self.page.get_by_role(role, name=name, exact=True) for role in _PRESSED]
        self._any(roles).first.click()
        self.settle()

    def choose(self, chinese: str, english: str, option: str) -> None:
        """Choose an option of the field with this label."""
        self.page.get_by_label(self.text(chinese, english)).select_option(option)
        self.settle()

    def settle(self) -> None:
        """Wait until a title stands and nothing says that it is still loading."""
        expect(self.page.locator("h1").first).to_be_visible(timeout=PATIENCE_MS)
        loading = self.page.get_by_role("status").filter(has_text=re.compile("正在加载|Loading"))
        expect(loading).to_have_count(0, timeout=PATIENCE_MS)

    # ----------------------------------------------------------------------------------- Looking

    def text(self, chinese: str, english: str | None = None) -> str:
        """Return the text of the reader's language."""
        return chinese if english is None or self.screen.language == "zh-CN" else english

    def see(self, chinese: str, english: str | None = None) -> None:
        """Fail unless the text is shown, as a whole or within another."""
        shown = self.page.get_by_text(self.text(chinese, english)).locator("visible=true").first
        expect(shown).to_be_visible(timeout=PATIENCE_MS)

    def not_see(self, chinese: str, english: str | None = None) -> None:
        shown = self.page.get_by_text(self.text(chinese, english)).locator("visible=true")
        expect(shown).to_have_count(0, timeout=PATIENCE_MS)

    def title(self, chinese: str, english: str | None = None) -> None:
        """Fail unless this is the view's title."""
        title = self.page.locator("h1")
        expect(title).to_have_text(self.text(chinese, english), timeout=PATIENCE_MS)

    def count(self, selector: str, number: int) -> None:
        """Fail unless so many elements are there."""
        expect(self.page.locator(selector)).to_have_count(number, timeout=PATIENCE_MS)

    def keep(self, step: str) -> None:
        """Keep a picture of the whole view as build/page/<step>-<size>-<language>.png."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = PICTURES / f"{step}-{self.screen.name}.png"
        self.page.screenshot(path=path, full_page=True)

    # ---------------------------------------------------------------------------------- Failures

    @contextmanager
    def refused(self, status: int) -> Iterator[None]:
        """Let answers of this status be; anywhere else the console would show them as errors."""
        self._expected.append(REFUSED.format(status=status))
        yield
        self._expected.pop()

    @contextmanager
    def unreachable(self) -> Iterator[None]:
        """Cut the service off; the page's own files still come."""
        self.page.route("**/v1/**", lambda route: route.abort())
        self._expected.append(UNREACHED)
        yield
        self.page.unroute("**/v1/**")
        self._expected.pop()

    @contextmanager
    def disconnected(self) -> Iterator[None]:
        """Take the whole connection away, as where there is no network.

        What the browser says of it may come later, so it is let be until the walk ends.
        """
        self._context.set_offline(True)
        self._expected.insert(0, DISCONNECTED)
        yield
        self._context.set_offline(False)

    # --------------------------------------------------------------------------------- Standards

    def require_standards(self) -> None:
        """Fail unless the view is accessible, light and dark, fits, and is easy to touch."""
        self.require_accessible()
        self.require_touchable()
        self.require_fits()

    def require_accessible(self) -> None:
        """Fail where axe finds something serious or critical in light or dark colours."""
        for scheme in _SCHEMES:
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found = Axe().run(self.page).response["violations"]
            grave = [
                f"{scheme} {each['id']}: {node['html']} {node['failureSummary']}"
                for each in found
                if each["impact"] in {"serious", "critical"}
                for node in each["nodes"]
            ]
            assert grave == []
        self.page.emulate_media(color_scheme="light", reduced_motion="no-preference")

    def require_touchable(self) -> None:
        assert self.page.evaluate(SMALL_TARGETS, TARGET_PX_MIN) == []

    def require_fits(self) -> None:
        """Fail where the narrowest screen would have to be moved sideways."""
        before = self.page.viewport_size
        assert before is not None
        self.page.set_viewport_size({"width": NARROWEST_PX, "height": before["height"]})
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= NARROWEST_PX, self.page.evaluate(TOO_WIDE)
        self.page.set_viewport_size(before)

    def require_keyboard(self) -> None:
        """Fail unless Tab comes to everything in the order of the page, and shows where it is."""
        wanted = self.page.evaluate(f"() => ({REACHABLE})().length")
        reached: list[int] = []
        # It begins at the title, which has the focus, and goes round by the browser's own controls.
        for _ in range(TABS_MAX):
            self.page.keyboard.press("Tab")
            focused = self.page.evaluate(FOCUSED)
            if focused["number"] in reached:
                break
            if focused["number"] >= 0:
                assert focused["isSeen"], focused["text"]
                reached.append(focused["number"])
        first = reached.index(0)
        assert [*reached[first:], *reached[:first]] == list(range(wanted))

    # ------------------------------------------------------------------------------------ Inside

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.stack.base_url}/", "data:", "blob:")):
            self._complaints.append(f"request to {request.url}")

    def _note_console(self, message: ConsoleMessage) -> None:
        is_expected = any(re.match(pattern, message.text) for pattern in self._expected)
        if message.type in {"error", "warning", "assert"} and not is_expected:
            self._complaints.append(f"{message.type}: {message.text} {message.location}")

    @staticmethod
    def _any(locators: list[Locator]) -> Locator:
        found = locators[0]
        for each in locators[1:]:
            found = found.or_(each)
        return found


_PRESSED: Final = ("button", "link", "switch", "tab", "radio")
_SCHEMES: Final = ("light", "dark")
