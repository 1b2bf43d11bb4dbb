"""A notice in Chromium: one officer uploads, decides and proposes, another approves, a resident reads and appeals."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.browser.pages import PHONE, Manner, open_context, sign_in

NOTICE = "地点,等级\n梧桐里,中风险\n梧桐里2号楼旁平房,高风险\n桂花园3号楼,高风险\n"


def enter(browser: Browser, house: str, role: str) -> Page:
    context = open_context(browser, Manner("zh"), PHONE)
    context.set_default_timeout(20_000)
    page = context.new_page()
    sign_in(page, house, role)
    return page


def test_a_notice_becomes_zones_that_a_resident_reads_and_appeals_against(
    chromium: Browser, house: str
) -> None:
    officer = enter(chromium, house, "officer")
    officer.goto(f"{house}/zones/new")
    officer.fill("#name", "通告 9")
    officer.set_input_files(
        'input[type="file"]', {"name": "9.csv", "mimeType": "text/csv", "buffer": NOTICE.encode("gb18030")}
    )
    officer.click('[data-do="read"]')
    row = officer.locator('[data-row="3"]')
    row.locator('[data-do="decide"]').click()
    row.locator('input[type="text"]').fill("那里没有住户")
    row.locator('[data-do="not-ours"]').click()
    officer.locator('[data-group="not_ours"]').filter(has_text="2").wait_for()
    reason, basis = officer.locator('form input[type="text"]').all()
    reason.fill("附近有病例")
    basis.fill("传染病防治法")
    officer.click('[data-do="propose"]')
    # Whoever has prepared it is offered no approval.
    officer.locator('[data-do="send_back"]').wait_for()
    expect(officer.locator('[data-do="approve"]')).to_have_count(0)
    address = officer.url

    second = enter(chromium, house, "district")
    second.goto(address)
    second.click('[data-do="approve"]')
    second.locator("form input").fill("与通告核对无误")
    second.click('[data-do="confirm"]')
    second.locator('[data-do="lift"]').wait_for()

    resident = enter(chromium, house, "resident")
    resident.goto(f"{house}/zone")
    card = resident.locator("section.card").filter(has_text="通告 9")
    expect(card).to_contain_text("附近有病例")
    card.locator("input").fill("我家单元不通向那条路")
    card.locator('[data-do="confirm"]').click()
    expect(card).to_contain_text("等待答复")
    for page in (officer, second, resident):
        page.context.close()
