"""What can be revealed, and what for: the closed lists of a look at what is masked, in words."""

from __future__ import annotations

from collections.abc import Mapping

from gatekeeper.rules.values import Text

CLASSES: Mapping[str, Text] = {
    "contact": Text("姓名和手机", "names and phones"),
    "identity": Text("证件号码", "document numbers"),
    "health": Text("体温、健康码、检测结果", "temperatures, health codes, tests"),
    "photo": Text("照片", "photos"),
    "note": Text("文字说明", "free text"),
}
"""Retention classes that screens mask, in the order they are said. Plates are not among them: they are searched by."""

PURPOSES: Mapping[str, Text] = {
    "identity": Text("核对身份", "identity check"),
    "tracing": Text("流调", "tracing of contacts"),
    "complaint": Text("投诉处理", "a complaint"),
    "accident": Text("事故调查", "an accident"),
    "rectification": Text("整改核查", "check of a rectification"),
    "other": Text("其他", "something else"),
}
"""Why somebody looks; ``other`` needs a text."""

OTHER = "other"
