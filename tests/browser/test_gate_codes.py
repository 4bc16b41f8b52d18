"""Codes with a plate in them, on phones that can read codes and on those that cannot."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.hand import Guard, drawn, on_duty
from tests.factories import World

READS = """
globalThis.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code", "ean_13"]; }
  constructor({ formats }) { if (formats.join() !== "qr_code") throw new Error(formats); }
  async detect() { return globalThis.code ? [{ rawValue: globalThis.code }] : []; }
};
"""
SEES = """
navigator.mediaDevices.getUserMedia = async () => {
  const canvas = document.createElement("canvas");
  setInterval(() => canvas.getContext("2d").fillRect(0, 0, 9, 9), 50);
  globalThis.stream = canvas.captureStream(20);
  return globalThis.stream;
};
"""
REFUSED = "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError'); };"
NO_CAMERA = "Object.defineProperty(navigator, 'mediaDevices', { value: undefined });"
NO_READER = "delete globalThis.BarcodeDetector;"


def opened(world: World, phone: BrowserContext, address: str, *scripts: str) -> Guard:
    for script in scripts:
        phone.add_init_script(script)
    return on_duty(world, phone, address)


def picture(guard: Guard) -> None:
    with guard.page.expect_file_chooser() as chooser:
        guard.page.get_by_text("扫码").click()
    chooser.value.set_files({"name": "a.png", "mimeType": "image/png", "buffer": drawn()})


def test_the_camera_looks_until_a_code_holds_a_plate_and_is_let_go(
    world: World, phone: BrowserContext, address: str
) -> None:
    guard = opened(world, phone, address, READS, SEES)
    guard.press("扫码")
    expect(guard.page.locator(".shot video")).to_be_visible()
    guard.page.evaluate("globalThis.code = 'https://pass.example/?plate=浙F8K3P2'")
    expect(guard.page.locator("#plate")).to_have_value("浙F8K3P2")
    expect(guard.page.locator(".shot video")).to_have_count(0)
    assert guard.page.evaluate("globalThis.stream.getTracks()[0].readyState") == "ended"


def test_a_code_without_a_plate_is_told_and_the_guard_types(world: World, phone: BrowserContext, address: str) -> None:
    guard = opened(world, phone, address, READS, SEES)
    guard.page.evaluate("globalThis.code = 'https://pass.example/12'")
    guard.press("扫码")
    guard.see("码里没有车牌")
    guard.plate("浙A12345")
    guard.see("第一次来")
    expect(guard.page.locator("#plate")).to_have_value("浙A12345")


def test_a_camera_that_is_not_allowed_is_told(world: World, phone: BrowserContext, address: str) -> None:
    guard = opened(world, phone, address, READS, REFUSED)
    guard.press("扫码")
    guard.see("相机用不了")
    guard.plate("浙A12345")
    expect(guard.page.locator("#plate")).to_have_value("浙A12345")


def test_without_a_live_camera_a_picture_of_the_code_is_read(world: World, phone: BrowserContext, address: str) -> None:
    guard = opened(world, phone, address, READS, NO_CAMERA, "globalThis.code = '浙F8K3P2'")
    picture(guard)
    expect(guard.page.locator("#plate")).to_have_value("浙F8K3P2")


@pytest.mark.parametrize("scripts", [(NO_READER,), (NO_READER, NO_CAMERA)])
def test_a_browser_that_reads_no_codes_says_so_and_shows_the_picture_to_type_from(
    world: World, phone: BrowserContext, address: str, scripts: tuple[str, ...]
) -> None:
    guard = opened(world, phone, address, *scripts)
    picture(guard)
    guard.see("读不了二维码")
    expect(guard.page.get_by_alt_text("刚拍的照片")).to_be_visible()
