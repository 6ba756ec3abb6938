"""How long files and functions are: `python -m tests.tooling.measure [FOLDER...]`."""

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).parents[2]
PRODUCT = ("services", "shared", "deploy")


@dataclass(frozen=True, order=True, slots=True)
class Length:
    """One file or function and its number of lines, docstring and blank lines included."""

    lines: int
    name: str


def files_in(folders: Iterable[str]) -> list[Path]:
    """Python files with something in them; migrations are history and are left out."""
    found = (file for folder in folders for file in (ROOT / folder).rglob("*.py"))
    return sorted(file for file in found if file.stat().st_size and "versions" not in file.parts)


def functions_in(source: str, name: str) -> Iterator[Length]:
    """Every function and method, from its `def` to its last line; decorators are not counted."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            yield Length(lines, f"{name}:{node.lineno} {node.name}")


def summary(what: str, lengths: list[Length]) -> str:
    """Count, median, ninth decile and the three longest, on lines of text."""
    values = [length.lines for length in lengths]
    ninth = quantiles(values, n=10)[8] if len(values) > 1 else values[0]
    longest = "\n".join(f"    {each.lines:4} {each.name}" for each in sorted(lengths)[:-4:-1])
    return f"{len(values)} {what}: median {median(values):g}, 90 % under {ninth:g}\n{longest}"


def main(folders: tuple[str, ...]) -> None:
    """Print what was measured."""
    sources = {str(file.relative_to(ROOT)): file.read_text() for file in files_in(folders)}
    files = [Length(len(text.splitlines()), name) for name, text in sources.items()]
    functions = [each for name, text in sources.items() for each in functions_in(text, name)]
    print(summary("files", files))
    print(summary("functions", functions))


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or PRODUCT)
