"""scikit-learn's own tests of its MLPRegressor, from the installed package, pointed at ours.

All that are about regression are run: every test that names MLPRegressor, without the classifier where it is a parameter.
"""

import importlib.util
import inspect

import pytest
import sklearn.neural_network
from chainrule.sklearn import MLPRegressor
from sklearn.neural_network import MLPClassifier
from sklearn.neural_network.tests import test_mlp


@pytest.fixture
def global_random_seed():
    """scikit-learn's fixture, which lives in its own configuration."""
    return 42


def without_classifier(function):
    for mark in list(getattr(function, "pytestmark", [])):
        if mark.name == "parametrize" and MLPClassifier in mark.args[1]:
            function.pytestmark.remove(mark)
            names, values = mark.args
            pytest.mark.parametrize(names, [v for v in values if v is not MLPClassifier])(function)
    return function


def pointed_at_ours():
    theirs = sklearn.neural_network.MLPRegressor
    spec = importlib.util.spec_from_file_location("test_mlp_with_chainrule", test_mlp.__file__)
    module = importlib.util.module_from_spec(spec)
    sklearn.neural_network.MLPRegressor = MLPRegressor
    try:
        spec.loader.exec_module(module)
    finally:
        sklearn.neural_network.MLPRegressor = theirs
    return {
        name: without_classifier(function)
        for name, function in vars(module).items()
        if name.startswith("test_") and "MLPRegressor" in inspect.getsource(function)
    }


globals().update(pointed_at_ours())


def test_the_tests_were_found_and_are_pointed_at_ours():
    found = [name for name in globals() if name.startswith("test_")]
    assert len(found) > 15 and "test_multioutput_regression" in found
    assert test_multioutput_regression.__globals__["MLPRegressor"] is MLPRegressor  # noqa: F821
