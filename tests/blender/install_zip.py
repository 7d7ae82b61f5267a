"""Run in a process of its own: install a zip, switch it off and on, take it away again.

    python install_zip.py ZIP REPORT PACKAGE...

Writes what it saw to REPORT as JSON: also where each PACKAGE was imported from.  ``site-packages`` is closed first, so that
the extension can only find what its own wheels brought.
"""

from __future__ import annotations

import importlib
import json
import pathlib
import sys
import sysconfig

import bpy
import numpy
import requests

# isort: split
import addon_utils  # importing bpy is what brings it into reach

MODULE = "bl_ext.user_default.movie_director"


def close_site_packages() -> None:
    """Only Blender and what it brings (imported above) stays in reach."""
    installed = pathlib.Path(sysconfig.get_paths()["purelib"])
    sys.path[:] = [place for place in sys.path if pathlib.Path(place) != installed]
    sys.meta_path[:] = [
        finder
        for finder in sys.meta_path
        if "__editable__" not in getattr(finder, "__module__", "")
    ]


def policy_warnings() -> list[str]:
    """What Blender's interface would show under the extension."""
    addon_utils._is_first_reset()
    return list(addon_utils._extensions_warnings_get().get(MODULE, ()))


def enabled() -> bool:
    return MODULE in bpy.context.preferences.addons and addon_utils.check(MODULE) == (True, True)


def main() -> None:
    archive, report, *packages = sys.argv[1:]
    close_site_packages()
    seen: dict[str, object] = {"Blender's own": [numpy.__name__, requests.__name__]}
    bpy.ops.extensions.package_install_files(
        filepath=archive, repo="user_default", enable_on_install=True
    )
    seen["installed"] = enabled()
    seen["wheels"] = {name: importlib.import_module(name).__file__ for name in packages}
    seen["warnings"] = policy_warnings()
    for again in ("second", "third"):
        bpy.ops.preferences.addon_disable(module=MODULE)
        seen[f"off before {again}"] = not enabled()
        bpy.ops.preferences.addon_enable(module=MODULE)
        seen[again] = enabled()
    seen["warnings after"] = policy_warnings()
    repos = bpy.context.preferences.extensions.repos
    index = next(i for i, repo in enumerate(repos) if repo.module == "user_default")
    bpy.ops.extensions.package_uninstall(repo_index=index, pkg_id="movie_director")
    seen["gone"] = not enabled()
    pathlib.Path(report).write_text(json.dumps(seen), encoding="utf-8")


main()
