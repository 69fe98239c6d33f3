"""On a phone, everything that can be pressed is at least 44 px high and wide."""

from __future__ import annotations

from .pages import DIALOGS, PAGES, show
from .test_narrow import PHONE

# WCAG 2.5.8 excepts links in a sentence. A box or radio button is pressed by its label.
FIND_SMALL = """() => {
    const controls = "a[href], button, summary, select, textarea, input:not([type=hidden])";
    const scope = document.querySelector("dialog[open]") ?? document.body;
    const small = new Set();
    const measure = (root) => {
        for (const element of root.querySelectorAll(controls)) {
            const target = element.closest("label:has([type=checkbox], [type=radio])") ?? element;
            const box = target.getBoundingClientRect();
            const isHidden = !target.checkVisibility({ visibilityProperty: true })
                || box.width <= 1 || box.bottom <= 0;
            const style = getComputedStyle(target);
            const block = target.parentElement.closest("li, p, td, th, dd, div");
            const isInSentence = target.matches("a") && style.display === "inline"
                && block.innerText.trim().length > target.innerText.trim().length;
            if (isHidden || isInSentence) continue;
            if (box.width < 43.9 || box.height < 43.9) {
                const size = `${Math.round(box.width)}×${Math.round(box.height)}`;
                small.add(`${size} ${target.outerHTML.slice(0, 150)}`);
            }
        }
    };
    measure(scope);
    for (const menu of scope.querySelectorAll("[popover]")) {
        menu.showPopover();
        measure(menu);
        menu.hidePopover();
    }
    return [...small];
}"""


def test_everything_is_large_enough_for_a_finger(windows, showroom):
    account, ids = showroom
    page = windows.open(account, **PHONE)
    small = {}
    for address in (*PAGES, *DIALOGS):
        url = show(page, address, ids)
        small[address] = page.evaluate(FIND_SMALL)
        page.goto(url)  # a dialog is also a page
        small[f"{address} as a page"] = page.evaluate(FIND_SMALL)

    assert {address: found for address, found in small.items() if found} == {}


def test_the_sign_in_page(windows):
    page = windows.open(**PHONE)
    page.goto("/sign-in/")

    assert page.evaluate(FIND_SMALL) == []
