"""The share of mutants that the tests noticed, per file, from what mutmut left in `mutants/`."""

from __future__ import annotations

import json
from pathlib import Path

MUTANTS = Path("mutants")
#: exit codes of mutmut: a test failed, or the run did not end
NOTICED = frozenset({1, 3, 24, 36, 152, 255, -24})
#: not run, or left out on purpose
NOT_JUDGED = frozenset({None, 2, 34})


def main() -> None:
    """Print noticed and all mutants per file and together; one that no test reaches is not noticed."""
    total: list[bool] = []
    for path in sorted(MUTANTS.rglob("*.meta")):
        codes = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"].values()
        noticed = [code in NOTICED for code in codes if code not in NOT_JUDGED]
        if noticed:
            print(f"{path.relative_to(MUTANTS).with_suffix('')!s:45} {sum(noticed):4} of {len(noticed):4}")
        total += noticed
    if total:
        print(f"{'noticed':45} {sum(total):4} of {len(total):4}  {sum(total) / len(total):.1%}")


if __name__ == "__main__":
    main()
