"""Room: web. What is wrong with the code in the editor, by line: what the form refused, else what the last reading found."""

import re
from dataclasses import dataclass

from experiments.models import HyperModelVersion
from experiments.reports.site.code_versions import part_lines
from experiments.web.forms.code import CodeForm

AT_LINE = re.compile(r"Line (\d+): (.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class CodeProblem:
    """One of them. line: from 1; 0 where it shows at none."""

    line: int
    message: str


def code_problems(form: CodeForm, version: HyperModelVersion | None) -> tuple[CodeProblem, ...]:
    """Of a form that was sent, its errors; else those of the version that it opened on."""
    if form.is_bound:
        return tuple(_of_error(str(words)) for words in form.errors.get("source", []))
    if version is None:
        return ()
    told = [version.reading, version.checks]
    found = [(int(each.get("line") or 0), each.get("problem", "")) for each in told]
    found += [(part.line, part.message) for part in part_lines(version) if part.state == "failed"]
    return tuple(CodeProblem(*each) for each in dict.fromkeys(found) if each[1])


def _of_error(words: str) -> CodeProblem:
    at_line = AT_LINE.fullmatch(words)
    return CodeProblem(int(at_line[1]), at_line[2]) if at_line else CodeProblem(0, words)
