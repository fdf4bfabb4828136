"""What every page must be: reachable by everybody, inside its window, still while it loads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_SIZE = ("target-size", "scrollable-region-focusable")  # what a narrower window can break in the same elements
# `preload` reads every style sheet once more, for one rule about turned screens: once is enough.
RUN = """([runOnly, preload]) => axe.run(document, {
    runOnly, resultTypes: ['violations'], preload }).then(
    ({ violations }) => violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((n) => n.html).join(' ')}`))"""
# Filled from the first paint on. Not subject to the page's policy: it is the browser that runs it.
WATCH_SHIFTS = """window.shifted = 0; new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
    if (!entry.hadRecentInput) window.shifted += entry.value })).observe({ type: 'layout-shift', buffered: true })"""
OUTSIDE = """() => { const page = document.scrollingElement; if (page.scrollWidth <= innerWidth) return [];
    return [`${page.scrollWidth} > ${innerWidth}`, ...[...document.querySelectorAll('body *')].filter((element) => {
        const { left, right } = element.getBoundingClientRect(); return left < -1 || right > innerWidth + 1;
    }).slice(0, 5).map((element) => element.outerHTML.slice(0, 120))] }"""

# "3 minutes ago" is the shortest that a moment is told in. The day it was on, in full, is the longest, and it comes by itself.
AGE = """() => document.querySelectorAll('time[title]').forEach((time) => {
    time.firstChild.data = time.title.replace(/:\\d\\d$/, '') })"""


def axe_violations(page: Page, *, whole: bool = False, rules: tuple[str, ...] = ()) -> list[str]:
    """By every rule of TAGS, or by these alone."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    page.evaluate("scrollTo(0, 0)")  # what has moved halfway below the bar counts as too small to touch
    only = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": TAGS}
    return list(page.evaluate(RUN, [only, whole]))


def sticks_out(page: Page) -> list[str]:
    return list(page.evaluate(OUTSIDE))


def sticks_out_tomorrow(page: Page) -> list[str]:
    """When everything that is recent now will have been on another day; the page stays so."""
    page.evaluate(AGE)
    return sticks_out(page)


def layout_shift(page: Page) -> float:
    return float(page.evaluate("document.fonts.ready.then(() => window.shifted)"))


def direction(page: Page) -> Any:
    return page.evaluate(
        "[document.documentElement.lang, document.documentElement.dir, getComputedStyle(document.body).direction]"
    )
