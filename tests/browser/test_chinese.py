"""Share and unshare in Chinese: set by the browser, or with the language switch."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect


@pytest.fixture(params=["browser", "switch"])
def page(request, windows, golden, owner):
    if request.param == "browser":
        return windows.open(owner, locale="zh-CN")
    page = windows.open(owner)
    page.get_by_role("button", name="中文").click()
    return page


def test_share_and_unshare(page, recipient):
    expect(page.get_by_role("heading", name="镜像列表")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.get_by_role("checkbox", name="golden").check()
    page.get_by_role("button", name="共享镜像").click()
    dialog = page.get_by_role("dialog", name="共享镜像")
    dialog.get_by_role("checkbox").check()
    dialog.get_by_role("textbox").fill(f"{recipient.account}，nobody-at-all")
    expect(dialog.get_by_role("listitem").filter(has_text=recipient.account)).to_contain_text(
        "可共享"
    )
    dialog.get_by_role("textbox").fill(recipient.account)
    dialog.get_by_role("button", name="确定", exact=True).click()
    expect(page.get_by_text(f"已将 golden 共享给 {recipient.account}。")).to_be_visible()

    page.get_by_role("checkbox", name="golden").check()
    page.get_by_role("button", name="取消共享").click()
    dialog = page.get_by_role("dialog", name="取消共享")
    dialog.get_by_role("checkbox", name=recipient.account).check()
    dialog.get_by_role("button", name="确定", exact=True).click()
    expect(page.get_by_text(f"已取消向 {recipient.account} 共享 golden。")).to_be_visible()
