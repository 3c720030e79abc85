"""Options that no flag can be made of, or that hide one, are faults of the plugin."""

from __future__ import annotations

from dataclasses import fields
from types import SimpleNamespace
from typing import Any

import pytest

from nerharness.cli import eval as evaluating
from nerharness.cli import train as training
from nerharness.errors import PluginError
from nerharness.plugin import Option, Provider, hookimpl
from nerharness.plugin.declaration import (
    RESERVED,
    RESERVED_IN_TRAINING,
    TRAINED,
    find_fault,
    name_fault,
)
from nerharness.plugin.host import KINDS, Host, Kind, builtin_modules
from nerharness.runs.spec import Spec

FINE = Option("x", str, None, "help")
NAME = "a name has small letters, digits and underscores, a letter first"
TAKEN = "nerharness has a flag or setting of that name"


@pytest.mark.parametrize(
    ("option", "fault"),
    [
        (("x y", int, 1, "help"), f"option 'x y': {NAME}"),
        (("", int, 1, "help"), f"option '': {NAME}"),
        (("UPPER", int, 1, "help"), f"option 'UPPER': {NAME}"),
        (("dash-ed", int, 1, "help"), f"option 'dash-ed': {NAME}"),
        (("_x", int, 1, "help"), f"option '_x': {NAME}"),
        (("größe", int, 1, "help"), f"option 'größe': {NAME}"),
        ((None, int, 1, "help"), f"option None: {NAME}"),
        (("help", bool, False, "help"), f"option 'help': {TAKEN}"),
        (("limit", int, 7, "help"), f"option 'limit': {TAKEN}"),
        (("x", list, [], "help"), "option 'x': its type must be str, int, float or bool, got <cl"),
        (("x", "int", 1, "help"), "option 'x': its type must be str, int, float or bool, got 'int"),
        (("x", int, "1", "help"), "option 'x': its default must be None or int, got '1'"),
        (("x", int, True, "help"), "option 'x': its default must be None or int, got True"),
        (("x", float, "1", "help"), "option 'x': its default must be None or float, got '1'"),
        (("x", str, [], "help"), "option 'x': its default must be None or str, got []"),
        (("x", str, "c", "help", ("a", "b")), "option 'x': its default 'c' is not a choice"),
        (("x", str, None, "help", "ab"), "option 'x': its choices must be a tuple of texts, got"),
        (("x", str, None, "help", (1,)), "option 'x': its choices must be a tuple of texts, got"),
        (("x", int, 1, "help", ("1",)), "option 'x': only a text has choices, not int"),
        (("x", int, 1, None), "option 'x': its help must be a text, got None"),
    ],
)
def test_a_bad_option_is_a_fault_that_says_why(option: tuple[Any, ...], fault: str) -> None:
    assert find_fault("backends", (FINE, Option(*option))).startswith(fault)


@pytest.mark.parametrize(
    "option",
    [
        ("x", int, 1, "help"),
        ("x_2", float, 1, ""),
        ("x", bool, None, "help"),
        ("x", str, "a", "help", ("a", "b")),
        ("seed", int, 0, "help"),
    ],
)
def test_a_good_option_is_no_fault(option: tuple[Any, ...]) -> None:
    assert find_fault("backends", (Option(*option),)) == ""


@pytest.mark.parametrize("options", [FINE, None, ("x",), {"x": FINE}, 5])
def test_what_are_no_options_is_a_fault(options: Any) -> None:
    assert find_fault("corpora", options).startswith("options must be a tuple of Option, got ")


def test_two_options_with_the_same_flag_are_a_fault() -> None:
    assert find_fault("formats", (FINE, FINE)) == "two options have the flag --x"
    yes_or_no, negated = Option("x", bool, True, "help"), Option("no_x", int, 1, "help")
    assert find_fault("formats", (yes_or_no, negated)) == "two options have the flag --no-x"
    assert find_fault("formats", (negated, yes_or_no)) == "two options have the flag --no-x"
    assert find_fault("formats", (FINE, negated)) == ""


def test_what_follows_a_path_may_be_called_like_a_flag() -> None:
    assert find_fault("corpora", (Option("limit", int, 7, "help"),)) == ""


def test_the_reserved_names_are_those_of_the_flags_and_of_the_spec(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nerharness.cli.eval.load_host", Host)
    own = {flag.name for flag in evaluating.command().params if flag.name}
    settings = {field.name for field in fields(Spec)} - {"options"}
    assert (own | settings) - {"seed"} | {"help", "plugins", "cache_mode"} == RESERVED


def test_those_of_training_are_those_of_its_other_flags(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nerharness.cli.train.load_host", Host)
    own = {flag.name for flag in training.command().params}
    assert own - RESERVED - {"seed"} == RESERVED_IN_TRAINING


@pytest.mark.parametrize("kind", KINDS)
def test_an_option_that_training_would_hide_is_a_fault(kind: Kind) -> None:
    fault = "option 'alpha': nerharness train has a flag of that name"
    found = find_fault(kind, (Option("alpha", float, 0.5, "help"),))
    assert found == (fault if kind in TRAINED else "")


@pytest.mark.parametrize("name", ["json", "json-by-label", "my_format", "v2.1", "2nd", "formát"])
def test_a_name_can_be_chosen(name: str) -> None:
    assert name_fault(name) == ""


@pytest.mark.parametrize("name", ["", " ", "a+b", "a b", "x:y", "a,b", "a/b", "-x", ".x", "a\n"])
def test_what_stands_apart_in_a_flag_is_no_name(host: Host, name: str) -> None:
    @hookimpl
    def nerharness_strategies() -> dict[str, Provider]:
        return {name: Provider("x:y", "odd")}

    plugin = SimpleNamespace(nerharness_strategies=nerharness_strategies)
    with pytest.raises(PluginError, match="a name has letters, digits"):
        host.register(plugin, package="strangers")
    assert name not in host.offers("strategies")


def test_the_built_ins_declare_what_they_may() -> None:
    host = Host(builtin_modules())
    for kind in KINDS:
        for name, offer in host.offers(kind).items():
            assert name_fault(name) == ""
            assert find_fault(kind, offer.provider.options) == ""


def test_a_plugin_with_a_bad_option_leaves_no_trace(host: Host) -> None:
    offers = {"odd": Provider("x:y", "odd", (Option("help", bool, False, "help"),))}

    @hookimpl
    def nerharness_taggers() -> dict[str, Provider]:
        return offers

    plugin = SimpleNamespace(nerharness_taggers=nerharness_taggers)
    with pytest.raises(PluginError) as caught:
        host.register(plugin, package="strangers")
    assert str(caught.value) == f"strangers: tagger 'odd': option 'help': {TAKEN}"
    assert "odd" not in host.offers("taggers")
