"""What can be wrong with a question about rows. Each says where, counting characters from 1."""

from strongroom.errors import Unprocessable


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
