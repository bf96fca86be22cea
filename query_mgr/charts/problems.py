"""What can be wrong with a file, and how it is reported."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

_SHOWN_PER_CODE = 5  # a bundle with 10,000 like faults must not make a 10,000 line report


@dataclass(frozen=True)
class Problem:
    """One finding: a stable code, where it is ("entry[3] Encounter.period.start") and what to do."""

    code: str
    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.code}: {self.where}: {self.text}" if self.where else f"{self.code}: {self.text}"


class Rejection(Exception):
    """The file cannot be taken in; nothing of it is kept."""

    def __init__(self, code: str, where: str, text: str) -> None:
        self.problems: tuple[Problem, ...] = (Problem(code, where, text),)
        super().__init__(str(self.problems[0]))


class Held(Exception):
    """The file is understood but waits for something that `needs` names; nothing of it is kept in the chart."""

    def __init__(self, code: str, where: str, needs: str) -> None:
        self.problem = Problem(code, where, needs)
        super().__init__(str(self.problem))


class Ignored(Exception):
    """The file is valid and holds nothing that a chart keeps; `why` says what it holds instead."""

    def __init__(self, code: str, why: str) -> None:
        self.problem = Problem(code, "", why)
        super().__init__(str(self.problem))


class EntryError(Exception):
    """One resource cannot be read. The bundle's type decides whether it sinks the file or only itself."""

    def __init__(self, code: str, path: str, text: str) -> None:
        self.code, self.path, self.text = code, path, text
        super().__init__(text)


@dataclass
class Warnings:
    """Findings that do not stop the import; many of one code are summed up."""

    _shown: list[Problem] = field(default_factory=list)
    _seen: Counter[str] = field(default_factory=Counter)

    def add(self, code: str, where: str, text: str) -> None:
        """Note one finding."""
        self._seen[code] += 1
        if self._seen[code] <= _SHOWN_PER_CODE:
            self._shown.append(Problem(code, where, text))

    def lines(self) -> tuple[str, ...]:
        """Return the report's lines."""
        more = ((code, count - _SHOWN_PER_CODE) for code, count in self._seen.items())
        return (
            *map(str, self._shown),
            *(f"{code}: and {rest} more like these" for code, rest in more if rest > 0),
        )
