"""What a visitor does in a real browser, and what is held against every page they see."""

from pathlib import Path

from playwright.sync_api import Page, Response

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
WIDTHS = {"desk": (1280, 900), "phone": (320, 700)}


def sign_in(page: Page, console: str, person: str) -> None:
    """By the page of sample people, like anybody."""
    page.goto(f"{console}/sign-in")
    page.click(f'button[value="{person}"]')
    page.wait_for_url(f"{console}/")


def visit(page: Page, address: str, width: str) -> Response:
    """Open a page in a window of this width; nothing may have come from elsewhere."""
    page.set_viewport_size(dict(zip(("width", "height"), WIDTHS[width], strict=True)))  # pyright: ignore[reportArgumentType]
    response = page.goto(address)
    assert response is not None
    return response


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong with the page as it is shown now."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document)")["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def scrolls_sideways(page: Page) -> bool:
    """Whether the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def outline(page: Page) -> list[int]:
    """The levels of the visible headings, in order."""
    levels = page.eval_on_selector_all(
        "h1, h2, h3, h4", "all => all.map(one => Number(one.tagName[1]))"
    )
    return list(levels)


def faults(page: Page) -> list[str]:
    """What is wrong with the page as it is shown now, at a desk and on a phone."""
    found: list[str] = []
    for width, (across, down) in WIDTHS.items():
        page.set_viewport_size({"width": across, "height": down})
        found += [f"{width}: {one}" for one in violations(page)]
        found += [f"{width}: scrolls sideways"] if scrolls_sideways(page) else []
    return found


def sign_in_quietly(page: Page, console: str, person: str) -> None:
    """The same where no script runs."""
    page.goto(f"{console}/sign-in")
    page.click(f'button[value="{person}"]')
