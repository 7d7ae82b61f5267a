#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the pages of ``docs/`` that follow from the code: nodes, command line, schema.

    tools/make_docs.py            write them
    tools/make_docs.py --check    only say which are out of date (exit status 1)
    tools/make_docs.py --bench build/bench.json
                                  write docs/performance.md from what ``make bench`` measured

What a node type is, its declaration says once; the page and the schema are made
from it, so they cannot drift.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
WRITTEN = "<!-- Written by tools/make_docs.py: change the declarations, not this page. -->\n"


def load_package() -> None:
    """Name the checkout ``movie_director``, whatever its folder is called."""
    spec = importlib.util.spec_from_file_location(
        "movie_director", ROOT / "__init__.py", submodule_search_locations=[str(ROOT)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["movie_director"] = module
    spec.loader.exec_module(module)


def nodes_page() -> str:
    """The reference of node types, by category."""
    from movie_director.core.kinds import KINDS
    from movie_director.node_types import catalogue

    types = sorted(catalogue().values(), key=lambda each: (each.category, each.label))
    parts = [
        WRITTEN,
        "# Node types\n",
        "What each node means, what can be linked to it and what can be set. A link goes from an",
        "output to an input that takes its kind; an input marked *several* takes any number, in",
        "order.\n",
        "| node | what it is |\n|---|---|",
        *(
            f"| [{each.label}](#{each.label.lower().replace(' ', '-')}) | {each.doc} |"
            for each in types
        ),
        "",
    ]
    for each in types:
        parts += node_section(each)
    parts += ["## What flows along links\n", "| kind | what it is |\n|---|---|"]
    parts += [f"| `{kind.id}` | {kind.doc} |" for kind in KINDS.values()]
    return "\n".join(parts) + "\n"


def node_section(each: Any) -> Iterator[str]:
    """One node type: sockets, then parameters."""
    yield f"## {each.label}\n"
    yield f"`{each.id}` · {each.category} · {each.doc}\n"
    if each.inputs or each.outputs:
        yield "| socket | kind | |\n|---|---|---|"
        for socket in each.inputs:
            kinds = " or ".join(f"`{kind}`" for kind in socket.accepts or (socket.kind,))
            several = ", several" if socket.multi else ""
            yield f"| in `{socket.name}` | {kinds}{several} | {socket.doc} |"
        for socket in each.outputs:
            yield f"| out `{socket.name}` | `{socket.kind}` | {socket.doc} |"
        yield ""
    if each.params:
        yield "| parameter | value | default | |\n|---|---|---|---|"
        for param in each.params:
            remark = "" if param.affects else " *Changes no result.*"
            yield (
                f"| `{param.name}` | {value_of(param)} | {shown(param.default)} | {param.doc}{remark} |"
            )
        yield ""


def value_of(param: Any) -> str:
    """What a parameter may be, in words."""
    if param.kind == "choice":
        return ", ".join(f"`{choice}`" for choice, _ in param.choices)
    words = {
        "text": "one line", "lines": "text", "textblock": "text", "int": "whole number",
        "float": "number", "bool": "true or false", "path": "file", "folder": "folder",
        "paths": "files", "names": "names", "palette": "colours such as `#a0b1c2`",
    }  # fmt: skip
    limits = [
        f"{word} {bound:g}"
        for word, bound in (("from", param.minimum), ("to", param.maximum))
        if bound is not None
    ]
    return " ".join([words[param.kind], *limits, param.unit]).strip()


def shown(default: Any) -> str:
    """A default as it would be written in a graph file; nothing for what is empty."""
    return "" if default in ("", (), []) else f"`{json.dumps(default)}`"


def graph_schema() -> str:
    """The JSON Schema of ``movie-director/graph@1``, every node type's parameters in it."""
    from movie_director.core.kinds import KINDS
    from movie_director.node_types import catalogue

    types = dict(sorted(catalogue().items()))
    text, socket = {"type": "string"}, group_socket_schema(sorted(KINDS))
    structural: dict[str, dict[str, Any]] = {
        "group": {"name": text},
        "group_input": {"sockets": {"type": "array", "items": socket}},
        "group_output": {"sockets": {"type": "array", "items": socket}},
        "reroute": {"kind": text},
        "frame": {},
    }
    params = {id: {p.name: param_schema(p) for p in types[id].params} for id in types} | structural
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "movie-director/graph@1",
        "description": "A film as nodes and links. Node ids are unique among siblings; "
        "every link's ends exist. Parameters left out have their defaults.",
        "type": "object",
        "properties": {"schema": {"const": "movie-director/graph@1"}, **scope_schema()},
        "required": ["schema", "nodes", "links"],
        "additionalProperties": False,
        "$defs": {
            "node": node_schema(params),
            "end": {
                "type": "array",
                "prefixItems": [{"type": "string"}, {"type": "string"}],
                "minItems": 2,
                "maxItems": 2,
            },
            "link": {
                "type": "object",
                "properties": {
                    "from": {"$ref": "#/$defs/end"},
                    "to": {"$ref": "#/$defs/end"},
                    "muted": {"const": True},
                },
                "required": ["from", "to"],
                "additionalProperties": False,
            },
        },
    }
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def scope_schema() -> dict[str, Any]:
    """What a film and a group both hold."""
    return {
        "nodes": {"type": "array", "items": {"$ref": "#/$defs/node"}},
        "links": {"type": "array", "items": {"$ref": "#/$defs/link"}},
    }


def group_socket_schema(kinds: list[str]) -> dict[str, Any]:
    """One socket of a group's interface."""
    return {
        "type": "object",
        "properties": {
            "name": {"type": "string", "minLength": 1},
            "kind": {"enum": kinds},
            "label": {"type": "string"},
            "multi": {"const": True},
        },
        "required": ["name", "kind"],
        "additionalProperties": False,
    }


def node_schema(params: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A node: what all have, then each type's parameters; only groups hold nodes and links."""
    number = {"type": "number", "exclusiveMinimum": -1e7, "exclusiveMaximum": 1e7}
    return {
        "type": "object",
        "properties": {
            "id": {"type": "string", "minLength": 1, "pattern": "^[^/\\n\\u0000]+$"},
            "type": {"enum": sorted(params)},
            "params": {"type": "object"},
            "location": {"type": "array", "items": number, "minItems": 2, "maxItems": 2},
            "label": {"type": "string"},
            "muted": {"const": True},
            "frame": {"type": "string"},
            **scope_schema(),
        },
        "required": ["id", "type", "params"],
        "additionalProperties": False,
        "allOf": [
            *(
                {
                    "if": {"properties": {"type": {"const": type}}},
                    "then": {
                        "properties": {
                            "params": {"properties": params[type], "additionalProperties": False}
                        }
                    },
                }
                for type in sorted(params)
            ),
            {
                "if": {"not": {"properties": {"type": {"const": "group"}}}},
                "then": {"properties": {"nodes": {"maxItems": 0}, "links": {"maxItems": 0}}},
            },
        ],
    }


def param_schema(param: Any) -> dict[str, Any]:
    """One parameter's type and limits, with its meaning."""
    about = {"description": param.doc, "default": param.default}
    if param.kind == "choice":
        return {"enum": [choice for choice, _ in param.choices], **about}
    if param.kind in ("paths", "names", "palette"):
        item: dict[str, Any] = {"type": "string"}
        if param.kind == "palette":
            item["pattern"] = "^#[0-9a-fA-F]{6}$"
        return {"type": "array", "items": item, **about}
    json_type = {"int": "integer", "float": "number", "bool": "boolean"}.get(param.kind, "string")
    limits = {
        key: bound
        for key, bound in (("minimum", param.minimum), ("maximum", param.maximum))
        if bound is not None
    }
    return {"type": json_type, **limits, **about}


def cli_page() -> str:
    """The reference of the command line: every command's help, as it prints it."""
    os.environ["COLUMNS"] = "96"
    from movie_director.cli.parser import make_parser
    from movie_director.cli.verb import every
    from movie_director.cli.verbs import VERBS

    parser = make_parser(VERBS, "VERSION")
    parts = [WRITTEN, "# Command line\n"]
    parts += [
        "`movie-director`, `python -m movie_director` and, with the extension installed,",
        "`blender -c movie_director` are the same program.\n",
        f"```text\n{steady(parser)}```\n",
    ]
    for typed, _ in every(VERBS):
        parts += [f"## {typed}\n", f"```text\n{steady(command(parser, typed))}```\n"]
    return "\n".join(parts)


def command(parser: argparse.ArgumentParser, typed: str) -> argparse.ArgumentParser:
    """The parser of the command that one calls by typing these words."""
    for name in typed.split():
        (commands,) = (
            action for action in parser._actions if isinstance(action, argparse._SubParsersAction)
        )
        parser = commands.choices[name]
    return parser


def steady(parser: argparse.ArgumentParser) -> str:
    """A parser's help, spelled the same on every Python (the usage's line breaks are not)."""
    return "\n".join(line.rstrip() for line in parser.format_help().splitlines()) + "\n"


def performance_page(measured: dict[str, Any]) -> str:
    """What the benchmarks found, against the limit of each."""
    cpu = f"{os.cpu_count()} processors, {platform.system()} {platform.machine()}"
    parts = [
        WRITTEN,
        "# Performance\n",
        f"Measured with `make bench` on {cpu}, Python {platform.python_version()}. Where a ratio says",
        "more than seconds, the limit is on the ratio: it holds on other machines too.\n",
        "| what | measured | limit |\n|---|---|---|",
    ]
    for name in sorted(measured):
        for what, value in measured[name].get("limits", {}).items():
            parts.append(f"| {name}: {what} | {value['found']:g} | {value['limit']:g} |")
    families = measured.get("planner", {}).get("families", {})
    return "\n".join([*parts, *(planner_table(families) if families else ())]) + "\n"


def planner_table(families: dict[str, Any]) -> Iterator[str]:
    """How far from the best known each planner is, for each kind of instances."""
    yield "\n## The planner, by jobs x models\n"
    yield "How many more bytes than the best plan known are loaded: by the planner, by its first,"
    yield "greedy answer, and by the planner of the beginning. The best known is the best of these"
    yield "and of a long search from several starts; how the instances are made, and from which"
    yield "seeds, `bench/planner.py` says.\n"
    yield "| kind | instances | planner, mean | worst | greedy | first planner | seconds, most |"
    yield "|---|---|---|---|---|---|---|"
    for kind, one in families.items():
        gaps = (one["gap"], one["worst_gap"], one["greedy_gap"], one["first_planner_gap"])
        shares = " | ".join(f"{gap:.2%}" for gap in gaps)
        yield f"| {kind} | {one['instances']} | {shares} | {one['most_seconds']:.3g} |"


def workflows_page() -> str:
    """Every shipped workflow by kind of work: quality, models' size, settings, licence."""
    from movie_director.core.footprints import load_footprints
    from movie_director.core.workflow import WORK
    from movie_director.core.workflow_library import shipped_workflows

    footprints, workflows = load_footprints(), shipped_workflows()
    parts = [
        WRITTEN,
        "# Shipped workflows\n",
        "What each does, and the gigabytes (GiB) its models take on the disk at each precision. How",
        "they are chosen, and how to add one: [workflows](workflows.md).\n",
    ]
    for kind, work in WORK.items():
        mine = [each for each in workflows.values() if each.kind == kind]
        parts.append(f"## {kind}\n\n{work.about[:1].upper()}{work.about[1:]}.\n")
        if not mine:
            parts.append("None: stock nodes of ComfyUI cannot do it.\n")
            continue
        parts.append("| workflow | quality | models | defaults | licence |\n|---|---|---|---|---|")
        parts += [workflow_row(each, footprints) for each in mine]
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def workflow_row(each: Any, footprints: Any) -> str:
    """One workflow of the list."""
    sizes = [
        f"{precision.name} {sum(footprints.sizes[m.id] for m in precision.models) / 2**30:.1f}"
        for precision in each.precisions
        if precision.models
    ]
    told = {"steps": "steps", "cfg": "cfg", "frames": "frames", "fps": "fps", "seconds": "s"}
    shown = {input.name: input.default for input in each.inputs if input.default is not None}
    settings = [f"{shown[name]:g} {word}" for name, word in told.items() if name in shown]
    if "width" in shown:
        settings.insert(0, f"{shown['width']} × {shown['height']}")
    quality = each.quality + (f", {each.tier}" if each.tier else "")
    return (
        f"| `{each.id}`: {each.title} | {quality} | {', '.join(sizes)} "
        f"| {', '.join(settings)} | {each.licence} |"
    )


PAGES = {
    "nodes.md": nodes_page,
    "graph.schema.json": graph_schema,
    "cli.md": cli_page,
    "workflow-list.md": workflows_page,
}


def main() -> int:
    """Write or check the pages; the exit status says whether all were up to date."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--check", action="store_true", help="write nothing")
    options.add_argument("--bench", type=Path, metavar="FILE", help="results of make bench")
    given = options.parse_args()
    check: bool = given.check
    if given.bench is not None:
        measured = json.loads(given.bench.read_text(encoding="utf-8"))
        (DOCS / "performance.md").write_text(performance_page(measured), encoding="utf-8")
        return 0
    load_package()
    stale = []
    for name, page in PAGES.items():
        path = DOCS / name
        text = page()
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not check:
                path.write_text(text, encoding="utf-8", newline="\n")
    if stale:
        print(f"{'out of date' if check else 'written'}: {', '.join(stale)}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
