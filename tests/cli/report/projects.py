"""A small project whose run refuses a chunk and meets a document that cannot be read."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.kit import Project, make_project

REFUSED = """\
  refused:
    type: export
    from: worthwhile.rejected
    format: jsonl
    path: refused.jsonl
"""


def refusing(folder: Path) -> Project:
    """Write and run the project."""
    project = make_project(folder)
    spec = project.folder / "spec.yaml"
    spec.write_text(spec.read_text("utf-8") + REFUSED, encoding="utf-8")
    project.write("docs/empty.txt", "")
    project.write("docs/contents.txt", "Contents\n1 Bridges 3\n2 Ports 9\n3 Orchards 12\n")
    assert project.run().code == 4
    return project
