"""The package as a whole: its examples, its types, what an import costs, and the notebook."""

import doctest
import importlib
import inspect
import pkgutil
import re
import shutil
import subprocess
import sys
from importlib.metadata import metadata
from pathlib import Path

import chainrule
import pytest
from chainrule import _core

MODULES = [
    "chainrule",
    "chainrule.activation_functions",
    "chainrule.loss_functions",
    "chainrule.models",
    "chainrule.neural_networks",
    "chainrule.sklearn",
    "chainrule.tabular",
]


WITHIN = [f"chainrule.{module.name}" for module in pkgutil.iter_modules(chainrule.__path__) if module.name not in ("_core",)]


@pytest.mark.parametrize("name", ["chainrule", *WITHIN])
def test_the_examples_in_the_documentation_are_true(name):
    module = importlib.import_module(name)
    results = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert results.failed == 0


@pytest.mark.parametrize("name", MODULES)
def test_everything_public_is_documented_and_has_an_example(name):
    module = importlib.import_module(name)
    assert module.__doc__
    for public in module.__all__:
        thing = getattr(module, public)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            assert ">>>" in thing.__doc__, f"{name}.{public}"
        if inspect.isclass(thing):
            for member, value in vars(thing).items():
                if inspect.isfunction(value) and not member.startswith("_"):
                    assert value.__doc__, f"{name}.{public}.{member}"


def test_importing_needs_numpy_and_nothing_more():
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, chainrule; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "numpy" in loaded
    assert not {"sklearn", "scipy", "pandas"} & set(loaded)


def test_the_stubs_name_what_the_extension_has():
    package = Path(chainrule.__file__).parent
    assert (package / "py.typed").exists()
    stubs = (package / "_core.pyi").read_text()
    for name in dir(_core):
        if not name.startswith("_"):
            assert f"def {name}(" in stubs or f"class {name}" in stubs, name
    for kind in (_core.Model, _core.Network, _core.Solver):
        for name in vars(kind):
            if not name.startswith("_"):
                assert f"def {name}(" in stubs, name


def test_the_types_are_sound(tmp_path):
    pytest.importorskip("mypy")
    # mypy refuses to check a folder of installed packages.
    shutil.copytree(Path(chainrule.__file__).parent, tmp_path / "chainrule")
    command = [sys.executable, "-m", "mypy", "--strict", "--ignore-missing-imports", "--no-incremental"]
    # Whether scikit-learn, SciPy and the stubs of NumPy say more or less differs from release to release.
    options = [f"--disable-error-code={code}" for code in ("no-any-return", "misc", "unused-ignore", "import-untyped")]
    checked = subprocess.run([*command, *options, "-p", "chainrule"], capture_output=True, text=True, cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_stubs_are_those_of_the_compiled_module():
    pytest.importorskip("mypy")
    checked = subprocess.run([sys.executable, "-m", "mypy.stubtest", "chainrule._core"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("task", [["check"], ["format", "--check"]])
def test_the_style_is_ruffs(task):
    pytest.importorskip("ruff")
    package = Path(__file__).parent.parent
    command = [sys.executable, "-m", "ruff", *task, "--no-cache", str(package)]
    checked = subprocess.run(command, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def examples(page):
    text = (repository() / page).read_text()
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize("page, count", [("README.md", 2), ("docs/python.md", 7), ("crates/chainrule-python/README.md", 1)])
@pytest.mark.filterwarnings("error::UserWarning")  # scikit-learn's ConvergenceWarning is one
def test_the_pages_examples_run(page, count, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert len(examples(page)) == count
    for example, code in enumerate(examples(page), 1):
        exec(compile(code, f"{page}, example {example}", "exec"), {})


NUMBER = re.compile(r"\d+\.\d+|\d+")


def repository():
    for folder in Path(__file__).resolve().parents:
        if (folder / "notebooks" / "nn_test.ipynb").exists():
            return folder
    return None


# Sums are added in another order on another machine; what is made of it in 2000 epochs is more by a bag of networks than by one.
@pytest.mark.parametrize(("name", "tolerance"), [("nn_test", 0.02), ("houses", 0.2)])
def test_the_notebooks_run_and_their_outputs_are_fresh(name, tolerance):
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    pytest.importorskip("matplotlib")
    path = repository() / "notebooks" / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    committed = [texts(cell) for cell in notebook.cells if cell.cell_type == "code"]
    assert path.stat().st_size < 300_000
    nbclient.NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}).execute()
    executed = [texts(cell) for cell in notebook.cells if cell.cell_type == "code"]
    assert [NUMBER.sub("#", text) for text in executed] == [NUMBER.sub("#", text) for text in committed]
    for new, old in zip(executed, committed, strict=True):
        found, expected = ([float(number) for number in NUMBER.findall(text)] for text in (new, old))
        assert found == pytest.approx(expected, rel=tolerance)


def texts(cell):
    """What a cell printed; pictures are drawn a little differently by every version of the plotting library."""
    return "".join(o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stdout")


def test_the_extra_is_named_where_scikit_learn_is_missing():
    program = "import sys; sys.modules['sklearn'] = sys.modules['scipy'] = None\nimport chainrule.sklearn"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert 'pip install "chainrule[sklearn]"' in result.stderr.splitlines()[-1]


PROGRAM = """
import numpy as np
from chainrule import DenseLayer, OutLayer, SimpleNeuralNetwork, StopTraining, TabularRegressor, inspect
from chainrule.tabular import UnseenError

model: TabularRegressor = TabularRegressor(recipe="strong", time_limit="30s", members=4).fit("houses.csv", target="price")
lower, upper = model.predict_interval(np.zeros((2, 3)), 0.8)
error: UnseenError | None = model.error_
rows: int = inspect("houses.csv", target="price").rows
network = SimpleNeuralNetwork(2)
network.fit(np.zeros((3, 2)), np.zeros(3), optimizer="adam_w", schedule="cosine")
layer: DenseLayer | OutLayer = network.nn_array[0]
shape: tuple[int, ...] = network.nn_array[0].W.shape
"""


def test_the_package_has_what_an_index_shows():
    found = metadata("chainrule")
    assert sorted(found.get_all("License-File")) == ["LICENSE-APACHE", "LICENSE-MIT"]
    assert found["License-Expression"] == "MIT OR Apache-2.0" and found["Keywords"] and found["Summary"]
    assert {"sklearn", "plot", "joblib", "dask", "notebook"} <= set(found.get_all("Provides-Extra"))
    assert [need for need in found.get_all("Requires-Dist") if "extra ==" not in need] == ["numpy>=1.23"]
    page = found["Description"]
    assert "TabularRegressor" in page and "](" not in page  # an index has none of the repository's other pages


WRONG = [
    ("adam_w", "adam_x"),
    ("cosine", "cosinus"),
    ("].W.shape", "].weights.shape"),
    ('recipe="strong"', 'recipe="stronger"'),
]


CHECKERS = {
    "mypy": ["--strict", "--ignore-missing-imports", "--follow-imports=silent"],
    "basedpyright": ["--pythonpath", sys.executable],  # Pyright's engine, in a package that needs no Node.js
}


@pytest.mark.parametrize("checker", CHECKERS)
def test_a_users_program_has_types(checker, tmp_path):
    pytest.importorskip(checker)
    shutil.copytree(Path(chainrule.__file__).parent, tmp_path / "chainrule")
    (tmp_path / "pyproject.toml").write_text('[tool.basedpyright]\ntypeCheckingMode = "standard"\n')
    (tmp_path / "right.py").write_text(PROGRAM)
    for nth, (right, wrong) in enumerate(WRONG):
        (tmp_path / f"wrong{nth}.py").write_text(PROGRAM.replace(right, wrong))
    programs = ["right.py", *(f"wrong{nth}.py" for nth in range(len(WRONG)))]
    command = [sys.executable, "-m", checker, *CHECKERS[checker], *programs]
    told = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path).stdout
    assert "right.py" not in told, told
    for program, (_, wrong) in zip(programs[1:], WRONG, strict=True):
        assert f"{program}:" in told, (wrong, told)
