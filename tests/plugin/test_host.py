"""The plugin host, with real packages: folders on the path with their `dist-info`."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from nerharness.errors import MissingDependencyError, PluginError, UsageError
from nerharness.plugin import Option, Provider, hookimpl
from nerharness.plugin.host import KINDS, Host, Kind, builtin_modules, load_host

BUILT_IN = {"hf", "openai", "replay"}
CORPORA = [
    "bioc-json", "bioc-xml", "brat", "conll", "csv", "datasets", "docbin", "jsonl", "pubtator",
]  # fmt: skip
FORMATS = ["bio", "brackets", "inline", "json", "json-by-label", "lines", "markers"]

Install = Callable[..., None]

OFFER = """
from nerharness.plugin import Provider, hookimpl

@hookimpl
def nerharness_{kind}():
    return {{"{name}": Provider("{module}:make", "made by {module}")}}

def make(**options):
    return "made by {module}"
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a throw-away package with one module, and one entry point of its own name."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    before = set(sys.modules)

    def install(module: str, source: str, *, point: str = "") -> None:
        (folder / f"{module}.py").write_text(source, encoding="utf-8")
        info = folder / f"{module}-1.2.dist-info"
        info.mkdir()
        metadata = f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.2\n"
        (info / "METADATA").write_text(metadata, encoding="utf-8")
        points = f"[nerharness]\n{point or module} = {module}\n"
        (info / "entry_points.txt").write_text(points, encoding="utf-8")
        importlib.invalidate_caches()

    yield install
    for name in set(sys.modules) - before:
        if name.startswith("stray_"):
            del sys.modules[name]


def load(*wanted: str) -> Host:
    return load_host({"NERHARNESS_PLUGINS": ",".join(wanted)})


def offer(kind: Kind, name: str, module: str) -> str:
    return OFFER.format(kind=kind, name=name, module=module)


def plugin(**hooks: Callable[..., Any]) -> SimpleNamespace:
    return SimpleNamespace(**{name: hookimpl(hook) for name, hook in hooks.items()})


def test_the_built_ins_are_offered_under_their_names(host: Host) -> None:
    names = {kind: list(host.offers(kind)) for kind in KINDS}
    assert names == {
        "backends": ["hf", "openai", "replay"],
        "strategies": [
            "candidates",
            "few-shot",
            "judge",
            "paper",
            "per-label",
            "rag",
            "sure",
            "verify",
            "vote",
            "zero-shot",
        ],
        "formats": FORMATS,
        "knowledge": ["glossary", "jsonl", "obo", "obographs", "owl", "text", "tsv"],
        "retrievers": ["bm25", "dense", "diverse", "fixed", "hybrid", "random"],
        "taggers": ["encoder", "gazetteer"],
        "corpora": sorted([*CORPORA, "run-folder", "sample"]),
        "writers": sorted([*CORPORA, "doccano", "label-studio", "prodigy"]),
    }
    assert {o.package for kind in KINDS for o in host.offers(kind).values()} == {"nerharness"}


def test_a_host_without_modules_offers_nothing() -> None:
    assert all(Host().offers(kind) == {} for kind in KINDS)


def test_two_hosts_share_nothing() -> None:
    first = Host(builtin_modules())
    first.register(
        plugin(nerharness_backends=lambda: {"mine": Provider(dict, "mine")}), package="tests"
    )
    assert "mine" in first.offers("backends")
    assert "mine" not in Host(builtin_modules()).offers("backends")


@pytest.mark.parametrize("kind", KINDS)
def test_an_installed_package_offers_like_a_built_in(install: Install, kind: Kind) -> None:
    install("stray_one", offer(kind, "mine", "stray_one"))
    host = load("stray_one")
    assert host.make(kind, "mine") == "made by stray_one"
    assert host.offers(kind)["mine"].package == "stray_one"
    (found,) = host.plugins
    assert (found.name, found.package, found.version) == ("stray_one", "stray_one", "1.2")
    assert found.error is None


def test_listing_offers_does_not_import_what_makes_them(install: Install) -> None:
    source = offer("backends", "mine", "stray_heavy_part")
    install("stray_light", source)
    install("stray_heavy_part", "raise RuntimeError('imported')")
    host = load("stray_light")
    assert host.find("backends", "mine").summary == "made by stray_heavy_part"
    assert "stray_heavy_part" not in sys.modules


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import no_such_module_at_all", "ModuleNotFoundError"),
        ("raise RuntimeError('two\\nlines')", "RuntimeError: two lines"),
        ("def broken(:", "SyntaxError"),
        ("raise SystemExit(3)", "SystemExit"),
        (
            "from nerharness.plugin import hookimpl\n"
            "@hookimpl\ndef nerharness_backends(config): return {}\n",
            "config",
        ),
        (
            "from nerharness.plugin import hookimpl\n"
            "@hookimpl\ndef nerharness_backend(): return {}\n",
            "nerharness_backend",
        ),
        (
            "from nerharness.plugin import Option, Provider, hookimpl\n"
            "@hookimpl\ndef nerharness_backends():\n"
            "    return {'odd': Provider('x:y', 'odd', (Option('x y', int, 1, 'odd'),))}\n",
            "stray_broken: backend 'odd': option 'x y': a name has small letters",
        ),
    ],
    ids=["import", "raise", "syntax", "exit", "argument", "unknown hook", "option"],
)
def test_a_broken_plugin_is_reported_and_skipped(
    install: Install, source: str, reason: str
) -> None:
    install("stray_broken", source + "\n")
    install("stray_good", offer("backends", "mine", "stray_good"))
    host = load("stray_broken", "stray_good")
    errors = {found.name: found.error for found in host.plugins}
    assert reason in str(errors["stray_broken"])
    assert "\n" not in str(errors["stray_broken"])
    assert errors["stray_good"] is None
    assert set(host.offers("backends")) == BUILT_IN | {"mine"}


def test_a_plugin_with_one_bad_hook_offers_nothing_at_all(install: Install) -> None:
    good, bad = offer("formats", "mine", "stray_half"), "nerharness_bakends"
    install("stray_half", good + f"\n@hookimpl\ndef {bad}():\n    return {{}}\n")
    host = load("stray_half")
    assert host.plugins[0].error is not None
    assert set(host.offers("formats")) == set(FORMATS)


def test_a_name_offered_twice_is_an_error_that_names_both_packages(install: Install) -> None:
    install("stray_one", offer("backends", "mine", "stray_one"))
    install("stray_two", offer("backends", "mine", "stray_two"))
    host = load("stray_one", "stray_two")
    with pytest.raises(PluginError) as caught:
        host.offers("backends")
    assert "'mine' is offered by" in caught.value.what
    assert {"stray_one", "stray_two"} <= set(caught.value.what.split())
    assert set(host.offers("formats")) == set(FORMATS)


def test_a_built_in_name_cannot_be_taken(install: Install) -> None:
    install("stray_one", offer("strategies", "rag", "stray_one"))
    with pytest.raises(PluginError, match="offered by nerharness and stray_one"):
        load("stray_one").offers("strategies")


def test_the_environment_limits_which_plugins_are_loaded(install: Install) -> None:
    install("stray_one", offer("backends", "one", "stray_one"))
    install("stray_two", offer("backends", "two", "stray_two"), point="second")
    assert set(load("second").offers("backends")) == BUILT_IN | {"two"}
    assert set(load(" stray_one ", "second").offers("backends")) == BUILT_IN | {"one", "two"}
    assert set(load().offers("backends")) == BUILT_IN
    assert {"one", "two"} <= set(load_host({}).offers("backends"))


def test_a_limit_to_a_plugin_that_is_not_installed_is_an_error() -> None:
    with pytest.raises(UsageError, match="NERHARNESS_PLUGINS: no installed plugin 'nowhere'"):
        load("nowhere")


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("backends", "fh", r"unknown backend 'fh'; did you mean 'hf'\? known: hf"),
        ("strategies", "fewshot", r"unknown strategy 'fewshot'; did you mean 'few-shot'\?"),
        ("formats", "jsno", r"unknown format 'jsno'; did you mean 'json'\? known: bio, "),
        ("retrievers", "bm52", r"unknown retriever 'bm52'; did you mean 'bm25'\?"),
        ("taggers", "gazeteer", r"unknown tagger 'gazeteer'; did you mean 'gazetteer'\?"),
        ("corpora", "connl", r"unknown corpus 'connl'; did you mean 'conll'\?"),
        ("backends", "qqqq", r"unknown backend 'qqqq'; known: hf"),
    ],
)
def test_an_unknown_name_is_an_error_with_a_suggestion(
    host: Host, kind: Kind, name: str, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        host.find(kind, name)


@pytest.mark.parametrize(
    "answer", [None, [], "hf", {"mine": dict}, {1: Provider(dict, "mine")}, {"a": None}]
)
def test_a_hook_that_returns_nonsense_is_an_error_that_names_its_package(
    host: Host, answer: Any
) -> None:
    nonsense = plugin(nerharness_backends=lambda: answer)
    with pytest.raises(PluginError, match="stranger: nerharness_backends must return a mapping"):
        host.register(nonsense, package="stranger")
    assert set(host.offers("backends")) == BUILT_IN, "it leaves no trace"


def test_a_hook_that_raises_is_an_error_that_names_its_package(host: Host) -> None:
    def fail() -> dict[str, Provider]:
        raise KeyError("settings")

    failing = plugin(nerharness_backends=fail)
    with pytest.raises(PluginError, match=r"stranger.*KeyError.*settings"):
        host.register(failing, package="stranger")
    assert set(host.offers("backends")) == BUILT_IN


def test_an_installed_plugin_whose_hook_raises_is_reported_and_skipped(install: Install) -> None:
    source = "from nerharness.plugin import hookimpl\n\n@hookimpl\ndef nerharness_backends():\n"
    install("stray_one", source + "    raise KeyError('settings')\n")
    install("stray_two", offer("backends", "two", "stray_two"))
    host = load("stray_one", "stray_two")
    assert set(host.offers("backends")) == BUILT_IN | {"two"}
    reasons = {found.name: found.error for found in host.plugins}
    assert reasons["stray_two"] is None
    assert "settings" in str(reasons["stray_one"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_that_is_missed_may_be_one_of_a_plugin_that_was_skipped(
    install: Install, kind: Kind
) -> None:
    install("stray_one", "raise ImportError('no\\nmagic')\n", point="first")
    install("stray_two", offer("backends", "two", "stray_two"))
    with pytest.raises(UsageError) as missed:
        load("first", "stray_two").find(kind, "one")
    reason = "; plugin 'first' was skipped: ImportError: no magic; "
    assert reason in str(missed.value)
    with pytest.raises(UsageError) as unknown:
        load("stray_two").find(kind, "one")
    assert str(unknown.value) == str(missed.value).replace(reason, "; ")


def test_what_is_registered_twice_is_an_error(host: Host) -> None:
    with pytest.raises((PluginError, ValueError)):
        host.register(builtin_modules()[0], package="stranger")


OPTIONS = (
    Option("name", str, "a", "a text", choices=("a", "b")),
    Option("count", int, 3, "a whole number"),
    Option("rate", float, 0.5, "a number"),
    Option("loud", bool, False, "yes or no"),
    Option("path", str, None, "not set"),
)


@pytest.fixture
def echo() -> Provider:
    return Provider(lambda *args, **options: (args, options), "echo", options=OPTIONS)


def test_options_that_are_not_given_have_their_defaults(echo: Provider) -> None:
    defaults = {"name": "a", "count": 3, "rate": 0.5, "loud": False, "path": None}
    assert echo.resolve({}) == defaults
    assert echo.resolve(dict.fromkeys(defaults)) == defaults


@pytest.mark.parametrize(
    ("option", "given", "resolved"),
    [
        ("name", "b", "b"),
        ("count", "7", 7),
        ("count", -7, -7),
        ("rate", "0.25", 0.25),
        ("rate", 2, 2.0),
        ("loud", "YES", True),
        ("loud", "0", False),
        ("loud", True, True),
        ("path", "x y", "x y"),
    ],
)
def test_an_option_has_its_declared_type(
    echo: Provider, option: str, given: Any, resolved: Any
) -> None:
    value = echo.resolve({option: given})[option]
    assert value == resolved
    assert type(value) is type(resolved)


@pytest.mark.parametrize(
    ("option", "given", "message"),
    [
        ("name", "c", "--name: 'c' is not a choice; choose from a, b"),
        ("name", 5, "--name: 5 is not a text"),
        ("count", "many", "--count: 'many' is not a whole number"),
        ("count", "1.5", "--count: '1.5' is not a whole number"),
        ("count", 1.0, "--count: 1.0 is not a whole number"),
        ("count", True, "--count: True is not a whole number"),
        ("rate", "much", "--rate: 'much' is not a number"),
        ("rate", False, "--rate: False is not a number"),
        ("loud", "maybe", "--loud: 'maybe' is not true or false"),
        ("loud", 1, "--loud: 1 is not true or false"),
        ("volume", 1, "unknown option 'volume'; it takes: count, loud, name, path, rate"),
    ],
)
def test_an_option_that_cannot_be_used_is_an_error_that_says_why(
    echo: Provider, option: str, given: Any, message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        echo.resolve({option: given})
    assert str(caught.value) == message


def test_a_flag_has_hyphens_where_the_option_has_underscores() -> None:
    assert Option("batch_size", int, 1, "").flag == "--batch-size"


def test_a_target_may_be_a_callable_and_gets_arguments_and_every_option(
    host: Host, echo: Provider
) -> None:
    host.register(plugin(nerharness_retrievers=lambda: {"echo": echo}), package="tests")
    args, options = host.make("retrievers", "echo", ["text"], options={"count": "4"})
    assert args == (["text"],)
    assert options == {"name": "a", "count": 4, "rate": 0.5, "loud": False, "path": None}


@pytest.mark.parametrize(
    "target", ["no_such_module_at_all:make", "json:no_such_attribute", "json", "json:"]
)
def test_a_target_that_is_not_there_is_an_error_that_names_the_plugin(
    host: Host, target: str
) -> None:
    offers = {"mine": Provider(target, "mine")}
    host.register(plugin(nerharness_backends=lambda: offers), package="tests")
    with pytest.raises(PluginError, match="backend 'mine'"):
        host.make("backends", "mine")


def fails(*_: Any, **__: Any) -> Any:
    raise RuntimeError("two\nlines")


def test_what_fails_when_it_is_made_is_an_error_that_names_plugin_and_package(host: Host) -> None:
    offers = {"mine": Provider(fails, "mine", wraps=True)}
    host.register(plugin(nerharness_strategies=lambda: offers), package="strangers")
    host.register(plugin(nerharness_backends=lambda: offers), package="others")
    reason = "cannot be made: RuntimeError: two lines"
    for kind, name, title in [
        ("backends", "mine", "backend 'mine' of others"),
        ("strategies", "mine", "strategy 'mine' of strangers"),
        ("strategies", "few-shot+mine", "strategy 'mine' of strangers"),
    ]:
        with pytest.raises(PluginError) as caught:
            host.make(kind, name)  # type: ignore[arg-type]
        assert str(caught.value) == f"{title}: {reason}"


def test_what_a_plugin_raises_of_our_errors_stays_as_it_is(host: Host) -> None:
    def refuses() -> None:
        raise UsageError("must be odd", where="--number")

    offers = {"mine": Provider(refuses, "mine")}
    host.register(plugin(nerharness_backends=lambda: offers), package="tests")
    with pytest.raises(UsageError, match="--number: must be odd"):
        host.make("backends", "mine")


def test_what_cannot_tell_where_it_sends_texts_or_its_price_is_named(host: Host) -> None:
    offers = {"mine": Provider("json:dumps", "mine", remote=fails, price=fails)}
    host.register(plugin(nerharness_backends=lambda: offers), package="strangers")
    with pytest.raises(PluginError, match=r"'mine' of strangers: cannot tell whether it is local"):
        host.sends("backends", "mine", {})
    with pytest.raises(PluginError, match=r"'mine' of strangers: cannot tell its price: Runtime"):
        host.find_price("mine", {})


def test_where_a_plugin_sends_texts_is_told_by_all_of_its_options(host: Host) -> None:
    offer = Provider("json:dumps", "mine", OPTIONS, remote=lambda options: options["count"] > 3)
    host.register(plugin(nerharness_formats=lambda: {"mine": offer}), package="tests")
    assert host.sends("formats", "mine", {}) is False
    assert host.sends("formats", "mine", {"count": 4}) is True


@pytest.mark.parametrize("module", ["no_such_module_at_all", "no_such_module_at_all.part"])
def test_a_missing_dependency_is_an_error_that_says_what_to_install(
    host: Host, module: str
) -> None:
    provider = Provider("json:dumps", "mine", requires=("json", module), extra="mine[all]")
    assert provider.missing == (module,)
    host.register(plugin(nerharness_backends=lambda: {"mine": provider}), package="tests")
    with pytest.raises(MissingDependencyError) as caught:
        host.make("backends", "mine")
    assert str(caught.value) == (
        f"backend 'mine' of tests needs {module}, not installed here; pip install 'mine[all]'"
    )


def test_a_missing_dependency_without_an_extra_is_advised_by_its_own_name() -> None:
    provider = Provider("json:dumps", "mine", requires=("no_such_module_at_all",))
    with pytest.raises(MissingDependencyError, match="install no_such_module_at_all"):
        provider.make("mine", options={})


def test_asking_what_is_missing_imports_nothing() -> None:
    assert Provider("x:y", "mine", requires=("this",)).missing == ()
    assert "this" not in sys.modules
