"""Errors for people: a stable code, a sentence in both languages, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app, flash, g, jsonify, make_response, render_template, request, session
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from gatekeeper import outages
from gatekeeper.db import Busy
from gatekeeper.language import say
from gatekeeper.rules.values import Text

if TYPE_CHECKING:
    from flask import Flask, Response


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


def page(status: int, title: Text | None = None, hint: Text | None = None, *, code: str | None = None) -> Response:
    """The answer that says what happened and what to do: a page, or JSON for a program that speaks it.

    JSON is ``{"code": ..., "text": {"zh": ..., "en": ...}, "hint": {"zh": ..., "en": ...}}``.
    """
    known_title, known_hint = MESSAGES.get(status, MESSAGES[500])
    title, hint = title or known_title, hint or known_hint
    if speaks_json():
        answer = jsonify(code=code or f"http.{status}", text=title._asdict(), hint=hint._asdict())
    else:
        if status >= 500 and "_login_user" not in g:
            g._login_user = None  # the frame must not ask a database that may be what failed
        answer = make_response(render_template("errors/error.html", status=status, heading=say(title), hint=say(hint)))
    answer.status_code = status
    return answer


def speaks_json() -> bool:
    """Whether who asks is a program: it sent JSON, or would rather have it than a page."""
    accepted = request.accept_mimetypes
    return request.is_json or accepted["application/json"] > accepted["text/html"]


def failed(error: Exception) -> Response:
    """The answer to a request that raised ``error``, which is no refusal: an outage, or a fault of ours.

    Raises it again in tests where it is a fault, so that they see it.
    """
    session.pop("_flashes", None)  # what a view said was done was not
    outage = outages.of(error)
    if outage is None:
        if current_app.testing:
            raise error
        current_app.logger.error("unexpected %s at %s", type(error).__name__, request.endpoint, exc_info=error)
        return page(500)
    current_app.logger.warning("%s at %s: %s", outage.code, request.endpoint, type(error).__name__)
    answer = page(outage.status, outage.title, outage.hint, code=outage.code)
    answer.headers["Retry-After"] = str(outage.retry_after)
    return answer


def init_app(app: Flask) -> None:
    """Every error becomes a page that says what to do."""

    @app.errorhandler(DomainError)
    def domain_error(error: DomainError):
        return page(error.status, error.text, code=error.code)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException):
        if error.code is None or error.code < 400:
            return error
        return page(error.code)

    for kind in (SQLAlchemyError, OSError, Busy) if app.testing else (Exception,):
        app.register_error_handler(kind, failed)


def tell(error: DomainError, form=None) -> None:
    """Put a refusal where the person looks: at its field, else at the top of the page."""
    field = form[error.field] if form is not None and error.field and error.field in form else None
    if field is not None:
        field.errors = [*field.errors, say(error.text)]
    else:
        flash(say(error.text), "error")
