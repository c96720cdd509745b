"""What all writers share."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar, Protocol


class Output(Protocol):
    """Where the bytes go: a file, a socket, a list of chunks."""

    def write(self, data: bytes, /) -> Any: ...


class Writer(ABC):
    """Writes rows (texts in the order of the header, or dicts) to an output, many at once."""

    media_type: ClassVar[str]
    suffix: ClassVar[str]
    whole: ClassVar[bool] = False  # nothing is written before close()

    @abstractmethod
    def __init__(self, out: Output, header: Sequence[str]) -> None: ...

    @abstractmethod
    def write_many(self, rows: Iterable[Any]) -> None:
        """Appends rows; the more at once, the faster."""

    def write(self, row: Any) -> None:
        """Appends one row."""
        self.write_many((row,))

    def close(self) -> None:  # noqa: B027 - most formats end with their last row
        """Completes the file. The output itself stays open."""

    def discard(self) -> None:  # noqa: B027
        """Removes what the writer keeps outside of the output; needed only when it is not closed."""


class Chunks:
    """An output that is emptied again and again."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []

    def write(self, data: bytes) -> None:
        self._chunks.append(data)

    def take(self) -> Iterator[bytes]:
        """What was written since the last time."""
        chunks, self._chunks = self._chunks, []
        yield from chunks
