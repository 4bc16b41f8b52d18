"""What is inside on the desk: what is checked there, who is overdue, driver care, and the way out."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import expect

from gatekeeper import clock
from tests.browser.desk import until
from tests.browser.guard import CAB, FEVER, SLIP, Begins, Guard
from tests.rules.made import rule
from tests.visits.gate import AtGate


def admitted(guard: Guard, plate: str = "浙A12345", people: int = 1) -> str:
    visit = guard.arrive(plate, people)
    for _ in range(people):
        guard.press("36.6")
    guard.title("放行")
    guard.press("放行")
    guard.sees("已写下：放行")
    guard.press("下一辆")
    return visit


def test_out_in_two_taps_where_nothing_is_open(begins: Begins) -> None:
    guard = begins(FEVER)
    admitted(guard)
    guard.go("inside")
    guard.page.locator("main .row").click()
    guard.press("离场")
    guard.sees("已写下：离场")
    guard.sent()
    assert guard.kinds() == ["arrive", "answer", "admit", "leave"]
    assert guard.events()[-1][1] == {"seen": True, "subjects": []}
    guard.go("inside")
    guard.sees("厂内没有来访")


def test_what_is_open_is_asked_on_the_way_out_and_can_be_passed(begins: Begins) -> None:
    guard = begins(FEVER, CAB, SLIP)
    admitted(guard)
    guard.go("inside")
    guard.sees("待查 1：司机不下车 · 在厂")
    guard.page.locator("main .row").click()
    guard.press("司机不下车 · 在厂", "一直在车内")
    guard.sees("在厂 0 分钟")
    guard.press("离场")
    guard.title("司机不下车 · 离厂")
    guard.press("一直在车内")
    guard.title("核对磅单")
    guard.press("仍然离场，未完成会写明")
    guard.sees("还有 1 项没有查", "核对磅单")
    guard.press("仍然离场")
    guard.sees("已写下：离场")
    guard.sent()
    assert guard.kinds() == ["arrive", "answer", "admit", "answer", "answer", "leave"]
    assert guard.events()[4][1]["stage"] == "exit"


def test_all_of_the_exit_answered_leads_to_one_more_press(begins: Begins) -> None:
    guard = begins(FEVER, SLIP)
    admitted(guard)
    guard.go(f"v/{guard.visits[-1]}")
    guard.press("离场", "是")
    guard.title("放行")
    guard.sees("可以离厂")
    guard.press("离场（没看见）")
    guard.sees("已写下：离场（没看见）")
    guard.sent()
    assert guard.events()[-1][1] == {"seen": False, "subjects": []}


def test_care_another_zone_a_note_and_who_joins(begins: Begins) -> None:
    guard = begins(FEVER)
    admitted(guard)
    guard.go(f"v/{guard.visits[-1]}")
    guard.press("暖心包", "盒饭")
    guard.sees("已写下：盒饭")
    guard.press("换区", "A 区")
    guard.sees("区域", "A 区")
    guard.press("备注", "已引导到等候区", "写下")
    guard.page.locator(".more summary").click()
    guard.press("有人或挂车加入")
    guard.press("写下这个人")
    guard.sees("随车人员 1 · 测体温")  # who joins is asked what the others were
    guard.press("随车人员 1 · 测体温", "36.4")
    guard.page.locator(".more summary").click()
    guard.press("部分离场", "写下离场")
    guard.sees("请至少选一个")
    guard.press("随车人员 1", "写下离场")
    guard.sees("已写下：部分离场")
    guard.sent()
    assert guard.kinds()[3:] == ["care", "move", "note", "join", "answer", "leave"]
    assert guard.events()[3][1] == {"item": "meal"} and guard.events()[-1][1]["subjects"] == ["occupant:2"]
    expect(guard.page.locator("dd", has_text="浙A12345、司机")).to_be_visible()


def test_an_admission_by_mistake_is_put_right_after_it(begins: Begins) -> None:
    guard = begins(FEVER)
    guard.arrive()
    guard.press("36.6", "放行")
    guard.sees("已写下：放行")
    guard.press("更正", "放行按错了：车没有进厂", "确认")
    guard.sees("已写下：更正")
    guard.sent()
    assert guard.kinds() == ["arrive", "answer", "admit", "correct", "leave"]


def test_the_overdue_stand_first_and_a_part_of_a_plate_finds_one_of_many(begins: Begins) -> None:
    guard = begins(FEVER, rule("dwell", "dwell_limit", stage="on_site", consequence="note", params={"minutes": 120}))
    place = guard.world.own
    for number in range(40):
        late = timedelta(hours=3) if number in (7, 20) else timedelta(minutes=number)
        gate = AtGate(guard.world.engines, place, at=clock.now() - late - timedelta(minutes=5))
        gate.arrive(f"浙A{10100 + number}")
        gate.temperature(366)
        gate.admit()
    until(guard.page, "model.now.visits.length === 40")
    guard.go("inside")
    rows = guard.page.locator("main .row")
    expect(rows).to_have_count(30)
    expect(rows.nth(0)).to_contain_text("超时 1 小时")
    expect(rows.nth(1)).to_contain_text("超时 1 小时")
    expect(rows.nth(2)).not_to_contain_text("超时")
    guard.page.locator("main").get_by_role("button", name="再看 10 个").click()
    expect(rows).to_have_count(40)
    guard.page.get_by_label("车牌的一部分").fill("1011")
    expect(rows).to_have_count(10)
    guard.page.get_by_label("车牌的一部分").fill("99")
    guard.sees("没有这样的车牌")
