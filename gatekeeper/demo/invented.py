"""Invented people, plates and phones: drawn from a seed, belonging to nobody."""

from __future__ import annotations

import random
from collections.abc import Sequence

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔"
)
GIVEN = "伟强磊军洋勇杰涛超明刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林翔阳东海山峰国庆建志文德福贵春生"
RARE = "𬭎㛃喆龘"
"""Characters of real registers that fonts and sheets must show."""
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
DIGITS = "0123456789"
PROVINCE_LETTER = {
    "11": "京", "12": "津", "13": "冀", "14": "晋", "15": "蒙", "21": "辽", "22": "吉", "23": "黑", "31": "沪",
    "32": "苏", "33": "浙", "34": "皖", "35": "闽", "36": "赣", "37": "鲁", "41": "豫", "42": "鄂", "43": "湘",
    "44": "粤", "45": "桂", "46": "琼", "50": "渝", "51": "川", "52": "贵", "53": "云", "54": "藏", "61": "陕",
    "62": "甘", "63": "青", "64": "宁", "65": "新",
}  # fmt: skip


def name(rng: random.Random) -> str:
    """A name; one in two hundred has a rare character."""
    given = rng.choice(GIVEN) + (rng.choice(GIVEN) if rng.random() < 0.6 else "")
    if rng.random() < 0.005:
        given = rng.choice(RARE)
    return rng.choice(SURNAMES) + given


def phone(rng: random.Random) -> str:
    """A mobile number of a prefix that no operator has given out (the 199-0000 block of the demo)."""
    return "1990000" + "".join(rng.choices(DIGITS, k=4))


def plate(rng: random.Random, origin: str) -> str:
    """A lorry's plate of the origin's province; one in twelve a large new-energy one."""
    head = PROVINCE_LETTER.get(origin[:2], "浙") + rng.choice("ABCDEFGH")
    if rng.random() < 0.08:
        return head + "".join(rng.choices(DIGITS, k=5)) + rng.choice("DF")
    body = rng.choices(DIGITS, k=5)
    if rng.random() < 0.5:
        body[rng.randrange(4)] = rng.choice(LETTERS)
    return head + "".join(body)


def trailer(rng: random.Random, tractor: str) -> str:
    """A trailer's plate of the tractor's province and city."""
    return tractor[:2] + "".join(rng.choices(DIGITS, k=4)) + "挂"


def weighted(rng: random.Random, pairs: Sequence[tuple[str, float]]) -> str:
    """One of the names by its weight."""
    return rng.choices([p[0] for p in pairs], weights=[p[1] for p in pairs])[0]
