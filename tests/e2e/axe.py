"""What every page must be: free of WCAG A and AA violations, whole at 320 px, well formed."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page

AXE: Final = Path(__file__).parent / "vendor" / "axe.min.js"
TAGS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa")
WIDTHS: Final = (320, 1280)
SCHEMES: Final = ("light", "dark")
# Every rule of these standards runs, those too that axe leaves off unless one asks for them.
RUN: Final = """async (tags) => {
    const rules = {};
    for (const rule of axe.getRules(tags)) rules[rule.ruleId] = {enabled: true};
    const runOnly = {type: 'tag', values: tags};
    const found = await axe.run(document, {runOnly, rules, resultTypes: ['violations']});
    return found.violations.flatMap((violation) => violation.nodes.map((node) => ({
        rule: violation.id,
        target: node.target.flat().join(' '),
        html: node.html.slice(0, 160),
        summary: node.failureSummary.split('\\n').slice(1).join(' ').trim().slice(0, 240),
    })));
}"""
FORM: Final = """() => ({
    h1: document.querySelectorAll('h1').length,
    main: document.querySelectorAll('main').length,
    lang: document.documentElement.lang,
    title: document.title.trim(),
})"""
OVERFLOW: Final = """() => document.documentElement.scrollWidth - window.innerWidth"""
OPEN_DETAILS: Final = """() => {
    for (const details of document.querySelectorAll('main details')) details.open = true;
}"""


def load_axe(page: Page) -> None:
    """Have axe in every page that this browser tab opens from now on."""
    page.add_init_script(path=AXE)
    page.emulate_media(reduced_motion="reduce")


def faults_of(
    page: Page, *, widths: Iterable[int] = WIDTHS, schemes: Iterable[str] = SCHEMES
) -> list[str]:
    """Return what is wrong with the open page, in one line each; without a new request."""
    where = page.url.split("/", 3)[-1]
    page.evaluate(OPEN_DETAILS)
    found = [f"/{where}: {fault}" for fault in _form_faults(page)]
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        if (over := page.evaluate(OVERFLOW)) > 0:
            found.append(f"/{where} at {width}: {over} px wider than the window")
        for scheme in schemes:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found += [f"/{where} at {width}, {scheme}: {line(v)}" for v in violations(page)]
    return found


def violations(page: Page) -> list[dict[str, Any]]:
    """Return axe's violations of WCAG A and AA, one for each element."""
    found: list[dict[str, Any]] = page.evaluate(RUN, list(TAGS))
    return found


def line(violation: dict[str, Any]) -> str:
    """Return one violation as a line."""
    return "{rule} on {target} {html}: {summary}".format(**violation)


def _form_faults(page: Page) -> list[str]:
    form = page.evaluate(FORM)
    faults = [f"{form[name]} {name} elements" for name in ("h1", "main") if form[name] != 1]
    faults += [f"no {name}" for name in ("lang", "title") if not form[name]]
    return faults
