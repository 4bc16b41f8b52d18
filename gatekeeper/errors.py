"""Errors for people: a stable code, a sentence in both languages, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, render_template, request
from werkzeug.exceptions import HTTPException

from gatekeeper.language import say
from gatekeeper.rules.values import Text

if TYPE_CHECKING:
    from flask import Flask


class DomainError(Exception):
    """A refusal with a reason. ``status`` is the HTTP answer, ``field`` names the form field it is about."""

    status = 409

    def __init__(self, code: str, text: Text, *, field: str | None = None) -> None:
        super().__init__(code)
        self.code, self.text, self.field = code, text, field

    def __str__(self) -> str:
        return f"{self.code}: {self.text.en}"


class NotFound(DomainError):
    """Not there, or a neighbour's: both look the same."""

    status = 404


class Forbidden(DomainError):
    status = 403


class Invalid(DomainError):
    """A value that cannot be taken; ``field`` says which."""

    status = 422


MESSAGES: dict[int, tuple[Text, Text]] = {
    400: (
        Text("请求不完整", "That request was incomplete"),
        Text("请返回上一页，刷新后再提交一次。", "Go back, reload the page and send it again."),
    ),
    403: (
        Text("您的岗位不能做这件事", "Your role cannot do this"),
        Text("需要的话，请找企业管理员或镇街管理员。", "Ask the enterprise's or the township's admin if you need it."),
    ),
    404: (
        Text("没有找到", "Nothing found here"),
        Text(
            "可能已被移走，或者地址有误。请回到首页再找。",
            "It may have moved, or the address is wrong. Start from home.",
        ),
    ),
    405: (
        Text("这个地址不接受这种请求", "This address does not take that kind of request"),
        Text("请回到首页再操作。", "Start again from home."),
    ),
    409: (
        Text("现在不能这样做", "This cannot be done now"),
        Text("什么都没有改动。请返回上一页，处理后再试。", "Nothing was changed. Go back and try again."),
    ),
    413: (
        Text("内容太大", "That is too large"),
        Text("照片请小于 8 MB，表单请小于 64 KB。", "Photos under 8 MB, forms under 64 KB."),
    ),
    422: (
        Text("填写的内容不能接受", "What was entered cannot be taken"),
        Text("什么都没有改动。请返回上一页改正后再提交。", "Nothing was changed. Go back and correct it."),
    ),
    429: (
        Text("操作太频繁", "Too many tries"),
        Text("请稍等几分钟再试。", "Wait a few minutes and try again."),
    ),
    500: (
        Text("系统出错了", "Something went wrong on our side"),
        Text(
            "您填写的内容没有保存，请再提交一次；仍不行请找平台运维。",
            "Nothing was saved; send it again, or tell the operator.",
        ),
    ),
    503: (
        Text("系统暂时忙", "The system is busy"),
        Text("请过几秒再提交一次，内容不会重复记录。", "Send it again in a few seconds; nothing is recorded twice."),
    ),
}


def page(status: int, title: Text | None = None, hint: Text | None = None) -> tuple[str, int]:
    known_title, known_hint = MESSAGES.get(status, MESSAGES[500])
    return (
        render_template(
            "errors/error.html", status=status, heading=say(title or known_title), hint=say(hint or known_hint)
        ),
        status,
    )


def init_app(app: Flask) -> None:
    """Every error becomes a page that says what to do."""

    @app.errorhandler(DomainError)
    def domain_error(error: DomainError):
        return page(error.status, error.text)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException):
        if error.code is None or error.code < 400:
            return error
        return page(error.code)

    if not app.testing:

        @app.errorhandler(Exception)
        def unexpected(error: Exception):
            app.logger.error("unexpected %s at %s", type(error).__name__, request.endpoint, exc_info=error)
            return page(500)


def tell(error: DomainError, form=None) -> None:
    """Put a refusal where the person looks: at its field, else at the top of the page."""
    field = form[error.field] if form is not None and error.field and error.field in form else None
    if field is not None:
        field.errors = [*field.errors, say(error.text)]
    else:
        flash(say(error.text), "error")
