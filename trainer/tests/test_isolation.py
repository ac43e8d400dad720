"""The trainer does not use files of the current folder, an inherited path for imports, or inherited variables."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from al_trainer.isolation import FLAGS, KEEP, kept
from tests.helpers import TRAINER, RunFolder, config, environment, write_architecture

# Modules of the standard library and of packages that are imported early.
PLANTED = (
    "json",
    "os",
    "re",
    "pathlib",
    "runpy",
    "numpy",
    "torch",
    "yaml",
    "ultralytics",
    "sitecustomize",
    "usercustomize",
)


def plant(folder: Path, mark: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in PLANTED:
        (folder / f"{name}.py").write_text(f"open({str(mark)!r}, 'a').write({str(folder)!r} + ' {name}\\n')\n")


def pythons() -> Iterator[str]:
    """This Python, and those of other versions on this machine."""
    yield sys.executable
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for minor in (10, 12, 13, 14):
        named = shutil.which(f"python3.{minor}")
        yield from [named] if named is not None and _runs(named) else []
        yield from (str(path / "bin" / "python") for path in sorted(versions.glob(f"3.{minor}.*")))


def _runs(python: str) -> bool:
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("python", list(pythons()))
@pytest.mark.parametrize("product", [True, False], ids=["as the product starts it", "as a person starts it"])
def test_nothing_is_imported_from_other_folders(tmp_path: Path, python: str, product: bool) -> None:
    mark = tmp_path / "imported"
    for name in ("here", "path"):
        plant(tmp_path / name, mark)
    start = [*FLAGS, "-m", "al_trainer"] if product else ["-m", "al_trainer"]
    # A person may name our folder there. Modules that Python loads before ours are theirs.
    path = str(tmp_path / "path") if product else str(TRAINER)
    run = subprocess.run(
        [python, *start, "--check"],
        cwd=TRAINER if product else tmp_path,
        env={**environment(tmp_path), "PYTHONPATH": path, "PYTHONSTARTUP": str(tmp_path / "path" / "json.py")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode in (0, 3), run.stderr
    assert json.loads(run.stdout.splitlines()[-1])["pythonVersion"]
    assert not mark.exists(), mark.read_text()


def test_a_whole_run_imports_no_module_of_its_folder(tmp_path: Path) -> None:
    mark = tmp_path / "imported"
    folder = RunFolder(tmp_path / "run", {"train": 2, "val": 1})
    folder.configure(config(str(write_architecture(tmp_path)), plan={"epochs": 1, "batch": 2, "imageSize": 32}))
    plant(folder.path, mark)
    assert folder.run(spawned=True, env={"PYTHONPATH": f"{TRAINER}{os.pathsep}{folder.path}"}).returncode == 0
    assert folder.result()["status"] == "finished"
    assert not mark.exists(), mark.read_text()


def test_the_users_own_packages_still_apply(tmp_path: Path) -> None:
    """A package beside an interpreter without a virtual environment, in the user's site-packages."""
    base = Path(sys.base_prefix) / "bin" / "python3"
    if not base.exists():
        pytest.skip("needs the interpreter beneath the virtual environment")
    env = environment(tmp_path)
    asked = subprocess.run(
        [str(base), "-E", "-m", "site", "--user-site"], env=env, capture_output=True, text=True, check=False
    )
    site = Path(asked.stdout.strip())
    assert tmp_path in site.parents
    (site / "onnxslim").mkdir(parents=True)
    (site / "onnxslim-9.9.dist-info").mkdir()
    (site / "onnxslim-9.9.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: onnxslim\nVersion: 9.9\n")
    run = subprocess.run(
        [str(base), *FLAGS, "-m", "al_trainer", "--check"],
        cwd=TRAINER,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert json.loads(run.stdout.splitlines()[-1])["packages"]["onnxslim"] == "9.9"


SECRETS = {"GITHUB_TOKEN": "s3cret", "AWS_SECRET_ACCESS_KEY": "s3cret", "NVIDIA_API_KEY": "s3cret", "ODD": "s3cret"}


def test_variables_are_kept_by_name_only() -> None:
    variables = {**SECRETS, "PATH": "/bin", "LC_ALL": "C", "NVIDIA_VISIBLE_DEVICES": "0", "https_proxy": "p"}
    assert kept(variables) == variables
    patterns = "PATH LC_* NVIDIA_* AL_TRAINER_* !*TOKEN* !*_KEY"
    assert set(kept({**variables, KEEP: patterns})) == {"PATH", "LC_ALL", "NVIDIA_VISIBLE_DEVICES", KEEP}
    assert "https_proxy" in kept({**variables, KEEP: f"{patterns} HTTPS_PROXY"})


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads /proc")
def test_variables_of_a_terminal_are_nowhere_in_the_process(tmp_path: Path) -> None:
    """VS Code adds the whole environment of the terminal to that of a task."""
    folder = RunFolder(tmp_path / "run", {}).configure(config("missing.pt"))
    probe = (
        "import sys\nfrom al_trainer import isolation\nisolation.isolate()\n"
        "import os\nprint(open('/proc/self/environ').read().replace(chr(0), '|'), dict(os.environ), os.getpid())\n"
    )
    package = tmp_path / "trainer" / "al_trainer"
    shutil.copytree(TRAINER / "al_trainer", package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "__main__.py").write_text(probe)
    process = subprocess.Popen(
        [sys.executable, *FLAGS, "-m", "al_trainer", str(folder.path)],
        cwd=package.parent,
        env={**environment(tmp_path), **SECRETS, KEEP: "PATH HOME XDG_* AL_TRAINER_* !*TOKEN* !*_KEY"},
        stdout=subprocess.PIPE,
        text=True,
    )
    output, _ = process.communicate(timeout=60)
    assert "s3cret" not in output
    assert f"HOME={tmp_path / 'home'}" in output
    # The same process, so that its parent can still follow it.
    assert output.split()[-1] == str(process.pid)
