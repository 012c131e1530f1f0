"""Reading a Parquet file block by block, each value as the text that people would have written."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

from django.utils.translation import gettext as _

from segmentation.cells import REMEMBERED
from segmentation.number_texts import number_text, short_number_text
from segmentation.reading import UnreadableFile

MOST_COLUMNS = 500
# A few bytes of Parquet may say that a value repeats for ever.
MOST_ROWS = 100_000_000
LARGEST_GROUP = 1 << 30


def damaged() -> UnreadableFile:
    return UnreadableFile(_("The Parquet file is damaged and cannot be read. Export it again."))


class _Remembered(dict):
    """Number → its text; as long as there are few of them, each is put into words once."""

    def __init__(self, write: Callable[[float], str]):
        super().__init__()
        self._write = write

    def __missing__(self, number: float) -> str:
        if len(self) >= REMEMBERED:
            self.clear()
        self[number] = text = self._write(number)
        return text


class ParquetFile:
    """`header`, and rows as texts. Raises UnreadableFile with a sentence."""

    def __init__(self, path: Path, *, decimal_mark: str = "."):
        # Not at the head of the module: pyarrow takes some 60 MB, which a web worker that never sees a
        # Parquet file is not to carry.
        import pyarrow
        from pyarrow import parquet

        self._errors = (pyarrow.ArrowException, OSError, ValueError, EOFError)
        try:
            self._file = parquet.ParquetFile(path, memory_map=False, pre_buffer=False)
            self._look_at_schema(pyarrow)
        except UnreadableFile:
            raise
        except (*self._errors, MemoryError) as error:
            raise damaged() from error
        self.rows_told: int = self._file.metadata.num_rows
        self._mark = decimal_mark
        self._floats = _Remembered(lambda number: self._marked(number_text(number)))
        self._short_floats = _Remembered(lambda number: self._marked(short_number_text(number)))

    def _look_at_schema(self, pyarrow) -> None:
        types, told = pyarrow.types, self._file.metadata
        fields = list(self._file.schema_arrow)
        self.header = [field.name for field in fields]
        for field in fields:
            if types.is_nested(field.type):
                raise UnreadableFile(
                    _(
                        "The column “%(column)s” holds lists or tables inside its cells. Export the table flat."
                    )
                    % {"column": field.name}
                )
        if len(fields) > MOST_COLUMNS or told.num_rows > MOST_ROWS:
            raise UnreadableFile(
                _(
                    "The Parquet file tells of %(rows)d rows and %(columns)d columns: this is no table of sales."
                )
                % {"rows": told.num_rows, "columns": len(fields)}
            )
        groups = [told.row_group(place) for place in range(told.num_row_groups)]
        if sum(group.num_rows for group in groups) != told.num_rows:
            raise damaged()
        if any(group.total_byte_size > LARGEST_GROUP for group in groups):
            raise UnreadableFile(
                _(
                    "A row group of the Parquet file takes more than %(limit)d MB. Export it in smaller groups."
                )
                % {"limit": LARGEST_GROUP // 1024**2}
            )

    def close(self) -> None:
        self._file.close()

    def blocks(self, size: int) -> Iterator[list[list[str]]]:
        """Rows of texts, up to `size` at a time. That the file holds what it told is seen at its end."""
        seen = 0
        batches = self._file.iter_batches(batch_size=size, use_threads=False)
        while True:
            try:
                batch = next(batches, None)
                columns = [self._texts(column) for column in batch.columns] if batch else []
            except (*self._errors, MemoryError) as error:
                raise damaged() from error
            if batch is None:
                break
            seen += batch.num_rows
            if batch.num_rows:
                yield [list(row) for row in zip(*columns, strict=True)]
        if seen != self.rows_told:
            raise damaged()

    def _marked(self, text: str) -> str:
        """A number with the decimal mark by which the file is read."""
        return text if self._mark == "." else text.replace(".", self._mark)

    def _texts(self, column) -> list[str]:
        """A column as texts: whole numbers and decimals exact, dates in ISO, nothing as nothing."""
        import pyarrow
        from pyarrow import compute, types

        if types.is_dictionary(column.type):
            column = column.dictionary_decode()
        kind = column.type
        if types.is_floating(kind):
            texts = self._floats if types.is_float64(kind) else self._short_floats
            return [
                "" if value is None or value != value else texts[value]
                for value in column.to_pylist()
            ]
        if types.is_timestamp(kind) and kind.tz:
            column = compute.local_timestamp(column)
        if types.is_binary(kind) or types.is_large_binary(kind):
            return [
                (value or b"").decode("utf-8", "surrogateescape") for value in column.to_pylist()
            ]
        if types.is_duration(kind) or types.is_fixed_size_binary(kind) or types.is_interval(kind):
            return ["" if value is None else str(value) for value in column.to_pylist()]
        if types.is_null(kind):
            return [""] * len(column)
        if types.is_timestamp(kind):
            column = _without_empty_fractions(column, pyarrow)
        texts = column.cast(pyarrow.string()).fill_null("").to_pylist()
        if types.is_decimal(kind):
            if kind.scale < 0:
                # 12E+2 → 1200
                texts = [f"{Decimal(text):f}" if text else "" for text in texts]
            elif self._mark != ".":
                texts = [self._marked(text) for text in texts]
        return texts


def _without_empty_fractions(moments, pyarrow):
    """Moments in seconds, when nothing is lost by it: nobody writes 08:26:00.000000."""
    try:
        return moments.cast(pyarrow.timestamp("s"))
    except pyarrow.ArrowInvalid:
        return moments
