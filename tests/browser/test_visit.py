"""A truck at the gate on the desk: one question at a time, the verdict over the whole screen, what is done about it."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from playwright.sync_api import expect

from tests.browser.guard import CLEAN, CODE, FEVER, RED, SEAL, Begins


def test_every_occupant_is_asked_in_the_rules_order_and_one_press_answers(begins: Begins) -> None:
    guard = begins(FEVER, CODE)
    guard.arrive(people=2)
    guard.title("司机 · 测体温")
    guard.sees("第1步/共4步", "低于 37.3 ℃")
    guard.press("36.6")
    guard.title("随车人员 1 · 测体温")
    guard.press("36.8")
    guard.title("司机 · 查健康码")
    guard.press("绿码")
    guard.title("随车人员 1 · 查健康码")
    guard.sees("第4步/共4步")
    guard.press("绿码")
    guard.title("放行")
    guard.press("放行")
    guard.sees("已写下：放行")
    guard.press("下一辆")
    assert guard.page.evaluate("location.hash") == "#/"
    guard.sent()
    assert guard.kinds() == ["arrive", "answer", "answer", "answer", "answer", "admit"]
    given = [answer for _, body, _ in guard.events() for answer in body.get("answers", ())]
    assert [(one["subject"], one["value"]) for one in given[:2]] == [
        ("occupant:1", {"n": 366}), ("occupant:2", {"n": 368}),
    ]  # fmt: skip


def test_an_answer_is_kept_when_the_tab_is_killed_and_can_be_given_anew(begins: Begins) -> None:
    guard = begins(FEVER, CODE)
    guard.arrive(people=2)
    guard.press("36.6")
    guard.title("随车人员 1 · 测体温")
    guard.again()
    guard.title("随车人员 1 · 测体温")
    guard.press("36.6", "绿码")
    guard.title("随车人员 1 · 查健康码")
    guard.page.keyboard.press("Escape")  # back to the one before
    guard.title("司机 · 查健康码")
    expect(guard.key("绿码")).to_have_attribute("aria-pressed", "true")
    guard.press("黄码")
    guard.title("随车人员 1 · 查健康码")
    guard.press("绿码")
    guard.title("待定")
    guard.press("更正", "司机 · 查健康码", "绿码")
    guard.title("放行")


def test_a_question_shows_why_and_an_empty_one_does_not_go_on(begins: Begins) -> None:
    guard = begins(FEVER)
    guard.arrive()
    guard.press("下一步")
    guard.sees("还没有填好")
    guard.title("司机 · 测体温")
    guard.page.get_by_text("为什么要查").click()
    guard.sees("发热的人不能进车间")
    guard.press("朗读")
    assert guard.page.evaluate("spoken") == [["zh-CN", "发热的人不能进车间"]]
    guard.page.locator("h1").click()
    guard.page.keyboard.type("36.7")  # by the digits of a keyboard, wherever the reading is
    guard.page.keyboard.press("Enter")
    guard.title("放行")


def test_a_hold_fills_the_screen_with_every_reason_and_sounds_once(begins: Begins) -> None:
    guard = begins(FEVER, CODE)
    guard.arrive()
    guard.key("37.3 及以上", exact=False).click()
    reading = guard.page.get_by_role("textbox", name="读数")
    expect(reading).to_have_value("37.")
    reading.fill("38.1")
    guard.press("下一步")
    assert guard.page.evaluate("tones") == []
    guard.press("黄码")
    guard.title("待定")
    guard.sees("司机 · 测体温", "达到或高于 37.3 ℃", "司机 · 查健康码", "企业规定", "下一步：先不放行")
    word = guard.page.locator(".verdict__word")
    assert float(word.evaluate("(word) => getComputedStyle(word).fontSize").removesuffix("px")) >= 48
    assert word.locator("svg.shape").count() == 1
    assert guard.page.evaluate("[...new Set(tones)]") == ["triangle"]
    heard = guard.page.evaluate("tones.length")
    guard.press("朗读")
    ((lang, text),) = guard.page.evaluate("spoken")
    assert lang == "zh-CN" and text.startswith("待定。测体温，达到或高于 37.3 ℃")
    guard.press("记下当时怎么处理", "已报告班长", "写下")
    guard.sees("已写下：备注")
    assert guard.page.evaluate("tones.length") == heard
    guard.page.get_by_text("仍然放行").click()
    guard.sees("放行会写明违反判定")
    guard.page.get_by_label("为什么放行").fill("急送医用氧")
    guard.press("确认放行")
    guard.sees("已写下：放行")
    guard.sent()
    assert guard.kinds()[-2:] == ["note", "admit"]
    assert guard.events()[-1][1] == {"reason": "急送医用氧"}


def test_a_refusal_is_shown_before_the_rest_is_asked_and_can_be_taken_back(begins: Begins) -> None:
    guard = begins(RED, FEVER)
    first = guard.arrive(people=2)
    guard.press("红码")
    guard.title("劝返")
    guard.sees("不是红码", "还没有查的 3 项")
    guard.press("劝返")
    expect(guard.page.locator("#reason")).to_have_value("不是红码：出示的码不符合要求")
    guard.page.locator("#reason").fill("")
    guard.press("劝返")
    guard.sees("请写明原因")
    guard.press("走错地方", "劝返")
    guard.sees("已写下：劝返")
    guard.press("更正", "劝返按错了：车还在门前", "确认")
    guard.title("司机 · 不是红码")
    second = guard.page.evaluate("location.hash.split('/')[2]")
    guard.sent()
    assert first != second and guard.kinds(second) == ["arrive"]
    assert guard.kinds(first) == ["arrive", "answer", "turn_away", "correct"]
    assert guard.events(first)[2][1] == {"reason": "走错地方"}


def test_a_photo_that_cannot_be_taken_stays_open_and_one_from_the_phone_will_do(begins: Begins, tmp_path: Path) -> None:
    guard = begins(SEAL, FEVER)  # nobody gave this page a camera
    guard.online(False)
    guard.arrive()
    guard.press("拍不了照")
    guard.sees("会一直待查")
    guard.press("先跳过", "36.6")
    guard.sees("在查 1/2", "拍铅封")
    expect(guard.page.locator(".verdict")).to_have_count(0)
    guard.press("接着查")
    guard.title("拍铅封")
    picture = tmp_path / "seal.jpg"
    Image.new("RGB", (3000, 2000), (90, 120, 60)).save(picture)
    guard.page.locator("input[type=file]").last.set_input_files(picture)
    expect(guard.page.locator(".ask__picture")).to_be_visible()
    guard.press("下一步")
    guard.title("放行")  # without a network a picture on the phone is one
    guard.press("放行")
    guard.sent()
    assert guard.kinds() == ["arrive", "answer", "answer", "admit"]
    (answer,) = guard.events()[2][1]["answers"]
    assert len(answer["value"]["file"]) == 64


def test_a_contact_time_runs_while_the_guard_looks_at_another_truck(begins: Begins) -> None:
    guard = begins(CLEAN)
    guard.page.clock.install()
    visit = guard.again().arrive()
    guard.page.get_by_label("消杀人员").fill("王师傅")
    guard.press("现在开始计时", "下一步")
    guard.title("待定")
    guard.sees("还差", "请等候")
    guard.press("先看别的车")
    guard.online(False)  # its clock would say that no time has passed
    guard.page.clock.fast_forward("15:00")
    guard.go(f"v/{visit}")
    guard.sees("还差 4 分")
    guard.page.clock.fast_forward("05:30")
    guard.title("放行")
    expect(guard.page.locator("main")).not_to_contain_text("还差")


def test_a_plate_is_corrected_with_a_reason(begins: Begins) -> None:
    guard = begins(FEVER)
    guard.arrive()
    guard.press("36.6", "更正", "车牌，或其他（写明原因）")
    guard.page.locator("#plate").fill("浙a·12346")
    guard.press("写下更正")
    guard.sees("请写明原因")
    guard.press("看错车牌", "写下更正")
    guard.title("放行")
    expect(guard.page.locator("main .plate").first).to_have_text("浙A12346")
    guard.sent()
    (kind, body, _) = guard.events()[-1]
    assert (kind, body["plates"][0]["plate"], body["reason"]) == ("correct", "浙A12346", "看错车牌")


def test_without_anybody_on_duty_the_desk_asks_and_forgets_nothing(begins: Begins) -> None:
    guard = begins(FEVER)
    guard.arrive()
    guard.page.evaluate("model.goOff()")
    guard.sees("没有人值班")
    guard.press("36.6")  # the last who was on duty stands in it
    guard.title("放行")
    guard.sent()
    assert guard.kinds() == ["arrive", "answer"]
