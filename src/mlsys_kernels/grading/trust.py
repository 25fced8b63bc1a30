"""Read the worker's JSON as a stranger's: rebuild exactly the plain values that an answer may hold, or refuse."""

from typing import Any

from mlsys_kernels.grading.channel import ForgedError
from mlsys_kernels.grading.verdict import one_line

DEEPEST = 12


def text_fields(text: Any) -> dict[str, Any]:
    """The text of a reply as fields.

    Raises:
        ForgedError: it is something else.
    """
    if not isinstance(text, dict):
        raise ForgedError("a reply without its fields")
    return text


def plain_value(text: Any) -> Any:
    """A returned value that is no array: numbers, strings, lists, tuples, dictionaries.

    Raises:
        ForgedError: it was not packed by the worker's `values.plain`.
    """
    if not (isinstance(text, list) and len(text) == 1):
        raise ForgedError("a reply without its value")
    return _unpack(text[0], 0)


def _unpack(packed: Any, depth: int) -> Any:
    if depth > DEEPEST:
        raise ForgedError("a value that is nested too deep")
    if isinstance(packed, list):
        return [_unpack(item, depth + 1) for item in packed]
    if not isinstance(packed, dict):
        return packed
    if len(packed) == 1:
        ((kind, content),) = packed.items()
        if kind == "$tuple" and isinstance(content, list):
            return tuple(_unpack(item, depth + 1) for item in content)
        if kind == "$dict" and isinstance(content, list) and all(isinstance(x, list) and len(x) == 2 for x in content):
            return {key: _unpack(item, depth + 1) for key, item in content if isinstance(key, str | int)}
    raise ForgedError("a value of an unknown kind")


def read_counts(fields: dict[str, Any]) -> dict[str, Any]:
    """What a counter has counted. Its numbers are finite, its texts printable and short; a judge of it still checks.

    Raises:
        ForgedError: there are no counts, or they are not plain data.
    """
    counts = fields.get("counts")
    if not isinstance(counts, dict):
        raise ForgedError("a reply without its counts")
    cleaned: dict[str, Any] = _clean(counts, 0)
    return cleaned


def _clean(value: Any, depth: int) -> Any:
    if depth > DEEPEST:
        raise ForgedError("counts that are nested too deep")
    if isinstance(value, dict):
        return {str(key)[:80]: _clean(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item, depth + 1) for item in value]
    if isinstance(value, str):
        return one_line(value)[:400]
    if value is None or isinstance(value, bool) or (isinstance(value, int | float) and abs(value) < 2.0**53):
        return value
    raise ForgedError("counts that are no numbers")


def read_raised(fields: dict[str, Any]) -> dict[str, Any]:
    """The description of an exception, every field of the type that it must have."""
    frames = fields.get("frames")
    frames = [] if not isinstance(frames, list) else frames[:8]
    sound = [
        frame
        for frame in frames
        if isinstance(frame, list)
        and len(frame) == 3
        and type(frame[0]) is int
        and type(frame[1]) is type(frame[2]) is str
    ]
    return {
        "type": str(fields.get("type", "?"))[:80],
        "message": str(fields.get("message", ""))[:4000],
        "errno": fields.get("errno") if type(fields.get("errno")) is int else None,
        "frames": sound,
        "todo": fields.get("todo") is True,
    }
