"""Which adapters the `hf` backend reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from backends.hub import MODEL, Hub
from backends.tiny import ask, complete, make

from nerharness.errors import UsageError
from nerharness.plugin.host import Host

torch = pytest.importorskip("torch")
peft = pytest.importorskip("peft")

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning")

SAFE = "adapter_model.safetensors"
PICKLE = "adapter_model.bin"


@pytest.fixture(scope="module")
def adapter(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that changes answers of the model whose tokens are words."""
    import transformers

    path = tmp_path_factory.mktemp("adapter")
    model = transformers.AutoModelForCausalLM.from_pretrained(folder)
    config = peft.LoraConfig(
        r=2, target_modules=["down_proj"], task_type="CAUSAL_LM", init_lora_weights=False
    )
    torch.manual_seed(5)
    peft.get_peft_model(model, config).save_pretrained(path)
    return path


@pytest.fixture
def pickled(adapter: Path, tmp_path: Path) -> Path:
    """The same adapter as a pickle."""
    from safetensors.torch import load_file

    path = tmp_path / "pickled"
    path.mkdir()
    (path / "adapter_config.json").write_bytes((adapter / "adapter_config.json").read_bytes())
    torch.save(load_file(adapter / SAFE), path / PICKLE)
    return path


def test_a_pickled_adapter_is_read_only_if_asked_for(
    host: Host, folder: Path, adapter: Path, pickled: Path
) -> None:
    prompts = ask("gout", "fever of the skin")
    with pytest.raises(UsageError, match="as a pickle, which can run any code") as caught:
        make(host, model=str(folder), adapter=str(pickled))
    assert caught.value.where == "--adapter"
    assert "--pickled-weights" in caught.value.hint
    trusting = make(host, model=str(folder), adapter=str(pickled), pickled_weights=True)
    expected = complete(make(host, model=str(folder), adapter=str(adapter)), prompts)
    assert complete(trusting, prompts) == expected
    assert expected != complete(make(host, model=str(folder)), prompts), "it makes a difference"


def test_a_pickle_beside_safetensors_is_not_opened(
    host: Host, folder: Path, adapter: Path, pickled: Path
) -> None:
    (pickled / SAFE).write_bytes((adapter / SAFE).read_bytes())
    (pickled / PICKLE).write_bytes(b"no pickle")
    make(host, model=str(folder), adapter=str(pickled))


@pytest.mark.parametrize("trusting", [False, True])
def test_an_adapter_without_weights_is_refused(
    host: Host, folder: Path, pickled: Path, trusting: bool
) -> None:
    (pickled / PICKLE).unlink()
    with pytest.raises(UsageError, match=f"no {SAFE} in it"):
        make(host, model=str(folder), adapter=str(pickled), pickled_weights=trusting)


def test_an_adapter_is_a_folder_not_a_hub_id(host: Host, folder: Path) -> None:
    with pytest.raises(UsageError, match="nobody/nothing is no folder"):
        make(host, model=str(folder), adapter="nobody/nothing", pickled_weights=True)


@pytest.mark.parametrize("alone", [False, True])
def test_an_adapter_in_place_of_a_model_or_in_it_is_refused(
    host: Host, folder: Path, pickled: Path, alone: bool
) -> None:
    """transformers would load it with its base, from a pickle, and unseen by the run's record."""
    whole = ("config.json", "model.safetensors")
    for file in folder.iterdir():
        if not alone or file.name not in whole:
            (pickled / file.name).write_bytes(file.read_bytes())
    with pytest.raises(UsageError, match=r"is an adapter, or has one in it") as caught:
        make(host, model=str(pickled))
    assert caught.value.where == "--model"
    assert "--adapter" in caught.value.hint


def test_an_adapter_in_a_model_of_the_hub_is_refused(
    hub: Hub, host: Host, folder: Path, pickled: Path
) -> None:
    for file in folder.iterdir():
        (pickled / file.name).write_bytes(file.read_bytes())
    hub.commit("a", pickled)
    with pytest.raises(UsageError, match=f"model '{MODEL}' is an adapter, or has one in it"):
        make(host, model=MODEL)
