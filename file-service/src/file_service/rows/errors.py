"""What can be wrong with a question about rows. Each says where, counting characters from 1."""

from typing import ClassVar

from strongroom.errors import AppError, Unprocessable


class InvalidWhere(Unprocessable):
    slug = "invalid-where"
    title = "The condition on the rows cannot be understood"


class InvalidColumns(Unprocessable):
    slug = "invalid-columns"
    title = "The list of columns cannot be understood"


class InvalidOrder(Unprocessable):
    slug = "invalid-order-by"
    title = "The order of the rows cannot be understood"


class InvalidSchema(Unprocessable):
    slug = "invalid-schema"
    title = "The Table Schema must be a JSON object"


class NotAcceptable(AppError):
    """RFC 9110 §15.5.7."""

    status: ClassVar[int] = 406
    slug = "not-acceptable"
    title = "Rows are to be had as JSON, CSV or a JSON object a line"
