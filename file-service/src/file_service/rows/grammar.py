"""Reads a condition.

    condition  = all *( "or" all )
    all        = part *( "and" part )
    part       = "not" part / "(" condition ")" / comparison
    comparison = column ( operator value / "contains" value / "in" "(" value *( "," value ) ")"
                        / "is" [ "not" ] "null" )
    operator   = "=" / "!=" / "<" / "<=" / ">" / ">="
    value      = string in single quotes / number / "true" / "false"
    column     = letters, digits and "_", or anything in double quotes

Keywords may be in any case. A quote within quotes is doubled.
"""

from decimal import Decimal
from typing import Final, cast

from file_service.rows.errors import InvalidWhere
from file_service.rows.syntax import All, Any, Comparison, Condition, Not, Operator, Value
from file_service.rows.words import Word, words

DEEPEST: Final = 50  # brackets and `not` within each other
MOST_VALUES: Final = 1000  # of one `in`

_OPERATORS = frozenset({"=", "!=", "<", "<=", ">", ">="})


def condition(text: str) -> Condition:
    """InvalidWhere for what is no condition, is longer than 4,096 characters or nested deeper than 50."""
    reading = _Reading(words(text))
    found = reading.any()
    reading.end()
    return found


class _Reading:
    def __init__(self, found: list[Word]) -> None:
        self._words = found
        self._at = 0
        self._depth = 0

    def any(self) -> Condition:
        parts = [self._all()]
        while self._took("or"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def end(self) -> None:
        if self._next.kind != "end":
            raise InvalidWhere(f"Nothing more was expected, but there is {self._next}")

    def _all(self) -> Condition:
        parts = [self._part()]
        while self._took("and"):
            parts.append(self._part())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _part(self) -> Condition:
        self._depth += 1
        if self._depth > DEEPEST:
            raise InvalidWhere(f"The condition is nested deeper than {DEEPEST} at character {self._next.at}")
        found: Condition
        if self._took("not"):
            found = Not(self._part())
        elif self._took("("):
            found = self.any()
            self._expect(")")
        else:
            found = self._comparison()
        self._depth -= 1
        return found

    def _comparison(self) -> Condition:
        column = self._take("name", "the name of a column")
        if self._took("is"):
            negated = self._took("not")
            self._expect("null")
            empty = Comparison(column.text, column.at, "null")
            return Not(empty) if negated else empty
        if self._took("in"):
            return Comparison(column.text, column.at, "in", self._values())
        operator = self._operator()
        return Comparison(column.text, column.at, operator, (self._value(),))

    def _operator(self) -> Operator:
        word = self._next
        if word.kind not in ("symbol", "keyword") or word.text not in {*_OPERATORS, "contains"}:
            raise InvalidWhere(f"A comparison was expected, but there is {word}")
        self._at += 1
        return cast("Operator", word.text)

    def _values(self) -> tuple[Value, ...]:
        self._expect("(")
        found = [self._value()]
        while self._took(","):
            if len(found) == MOST_VALUES:
                raise InvalidWhere(f"There are more than {MOST_VALUES} values at character {self._next.at}")
            found.append(self._value())
        self._expect(")")
        return tuple(found)

    def _value(self) -> Value:
        word = self._next
        match word:
            case Word(kind="text"):
                value: str | Decimal | bool = word.text
            case Word(kind="number"):
                value = Decimal(word.text)
            case Word(kind="keyword", text="true" | "false"):
                value = word.text == "true"
            case _:
                raise InvalidWhere(f"A value was expected (text in single quotes), but there is {word}")
        self._at += 1
        return Value(value, word.at)

    @property
    def _next(self) -> Word:
        return self._words[self._at]

    def _took(self, text: str) -> bool:
        word = self._next
        if word.kind not in ("keyword", "symbol") or word.text != text:
            return False
        self._at += 1
        return True

    def _expect(self, text: str) -> None:
        if not self._took(text):
            raise InvalidWhere(f"“{text}” was expected, but there is {self._next}")

    def _take(self, kind: str, what: str) -> Word:
        word = self._next
        if word.kind != kind:
            raise InvalidWhere(f"{what.capitalize()} was expected, but there is {word}")
        self._at += 1
        return word
