"""`./run bench NAME`: measure, and print each figure as a ratio to something else measured in the same run."""

import importlib
import sys
from pathlib import Path

NAMES = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem in ("cast", "pages", "tally"))


def main(words: list[str]) -> int:
    if not words or words[0] not in NAMES:
        print(f"usage: ./run bench {'|'.join(NAMES)}", file=sys.stderr)
        return 2
    importlib.import_module(f"tests.bench.{words[0]}").run(*words[1:])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
