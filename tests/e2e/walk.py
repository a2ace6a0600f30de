"""Counts what a person's hands do in a task, and tells it as a table at the end."""

import time
from dataclasses import dataclass

from playwright.sync_api import Locator, Page

KEY_DELAY = 40  # milliseconds for a letter: a person who types well


@dataclass
class Walk:
    """One task: a click, a tap, a drag or a key command counts one; letters count nothing."""

    page: Page
    code: str
    task: str
    goal: int
    seconds_goal: float | None = None
    clicks: int = 0
    seconds: float = 0.0
    is_done: bool = False

    def __enter__(self) -> "Walk":
        self.started = time.monotonic()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self.seconds = time.monotonic() - self.started
        self.is_done = kind is None

    @property
    def passes(self) -> bool:
        is_quick = self.seconds_goal is None or self.seconds <= self.seconds_goal
        return self.is_done and self.clicks <= self.goal and is_quick

    def click(self, target: Locator) -> None:
        target.click()
        self.clicks += 1

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.clicks += 1

    def drag(self, source: Locator, target: Locator) -> None:
        source.drag_to(target)
        self.clicks += 1

    def type(self, target: Locator, text: str) -> None:
        """Letters cost no click, but a field that does not wait for them does."""
        for _ in range(10):
            target.wait_for()
            if target.evaluate("field => field === document.activeElement"):
                break
            self.page.wait_for_timeout(100)
        else:
            self.click(target)
        self.page.keyboard.type(text, delay=KEY_DELAY)


def table(walks: list[dict]) -> list[str]:
    """Task, clicks with their goal, seconds, pass; and how many passed."""
    lines = [f"{'task':<48} {'clicks':>6} {'goal':>5} {'seconds':>8} {'goal':>5}  pass"]
    for walk in walks:
        within = f"{walk['seconds_goal']:g}" if walk["seconds_goal"] else ""
        lines.append(
            f"{walk['code']:<4} {walk['task']:<43} {walk['clicks']:>6} {walk['goal']:>5} "
            f"{walk['seconds']:>8.1f} {within:>5}  {'yes' if walk['passes'] else 'NO'}"
        )
    passed = sum(walk["passes"] for walk in walks)
    return [*lines, f"{passed} of {len(walks)} tasks within their goals"]


def row_of(walk: Walk) -> dict:
    """What the report of a test keeps; plain values travel between processes."""
    names = ("code", "task", "goal", "seconds_goal", "clicks", "seconds", "passes")
    return {name: getattr(walk, name) for name in names}
