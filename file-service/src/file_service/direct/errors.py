"""How a direct transfer can be refused, beside what any upload can be."""

from collections.abc import Sequence

from strongroom.errors import Conflict, NotFound, Unprocessable

_MOST_NAMED = 100


class DirectTransfersOff(NotFound):
    slug = "direct-transfers-off"
    title = "The store of this deployment cannot be reached directly"


class PartsIncomplete(Unprocessable):
    slug = "parts-incomplete"
    title = "Every part is to be named, once"


class PartMismatch(Conflict):
    """`parts` in the problem document are the numbers of such parts, the first hundred; they are to be sent again."""

    slug = "part-mismatch"
    title = "Some parts have not come, or are not those that are named"

    def __init__(self, numbers: Sequence[int]) -> None:
        super().__init__(f"Part {numbers[0]}" + (f" and {len(numbers) - 1} more" if len(numbers) > 1 else ""))
        self.members["parts"] = list(numbers[:_MOST_NAMED])


class UploadAssembled(Conflict):
    slug = "upload-assembled"
    title = "The parts of this upload are one already; complete it, or it is complete"
