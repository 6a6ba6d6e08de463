"""The semantic layer of the published marts, and MetricFlow's `mf` without its network call."""

import importlib.util
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from nexasat.errors import NexasatError
from nexasat.settings import Settings

TARGET = "bi"  # the target of profiles.yml that reads what is published


def run(settings: Settings, environment: Mapping[str, str], arguments: Sequence[str]) -> NoReturn:
    """Runs `mf` in this process and ends it with the exit code of `mf`.

    Args:
        settings: which project.
        environment: libpq and dbt variables, which both read.
        arguments: all words after `mf`.

    Raises:
        NexasatError: MetricFlow is not installed, or dbt cannot read the project.
    """
    if importlib.util.find_spec("dbt_metricflow") is None:
        raise NexasatError("MetricFlow is not installed", hint="install it: .ci/setup.sh report")
    folder = parse(settings, environment)
    manifest = (folder / "semantic_manifest.json").read_text(encoding="utf-8")

    # these take a second that only users of `mf` pay
    import update_checker  # type: ignore[import-untyped]  # noqa: PLC0415
    from dbt_metricflow.cli import main as mf  # noqa: PLC0415
    from dbt_metricflow.cli.dbt_connectors.dbt_config_accessor import dbtArtifacts  # noqa: PLC0415
    from metricflow_semantic_interfaces.protocols.semantic_manifest import (  # noqa: PLC0415
        SemanticManifest,
    )
    from metricflow_semantics.model import dbt_manifest_parser as parser  # noqa: PLC0415

    def published(project_root: Path) -> SemanticManifest:
        del project_root
        return parser.parse_manifest_from_dbt_generated_manifest(manifest)

    def no_newer_version(*_: object, **__: object) -> None:
        return None

    # `mf` asks the package index for a newer version at each call, and has no switch for it
    update_checker.UpdateChecker.check = no_newer_version
    # it knows only target/semantic_manifest.json, where a build leaves the names of its own marts
    dbtArtifacts.build_semantic_manifest_from_dbt_project_root = published  # type: ignore[method-assign]
    mf.cli.main(args=list(arguments), prog_name="nexasat mf")
    raise AssertionError("a command of click ends the process")


def parse(settings: Settings, environment: Mapping[str, str]) -> Path:
    """The folder with the manifests of the published marts; quick when no file was changed.

    Args:
        settings: which project.
        environment: libpq and dbt variables, which become those of this process.

    Raises:
        NexasatError: dbt cannot read the project.
    """
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 (2 s that only its users pay)

    os.environ.update({**environment, "DBT_TARGET": TARGET})
    folder = Path(os.environ.get("DBT_TARGET_PATH") or settings.project / "target") / TARGET
    where = ["--project-dir", str(settings.project), "--target-path", str(folder)]
    parsed = dbtRunner().invoke(["--quiet", "parse", *where])
    if not parsed.success:
        raise NexasatError(
            f"dbt cannot read the project: {' '.join(str(parsed.exception).split())}",
            hint="the whole story: nexasat dbt parse --target bi",
        )
    return folder
