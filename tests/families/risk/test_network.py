import numpy as np
import pytest
import torch

from edupulse_core.errors import ModelError
from edupulse_core.families.risk.network import RiskConfig, RiskNetwork, Served, Standardizer


def batch(n: int = 6, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Windows of which every second one is padded on the left."""
    values = torch.randn(n, 20, 42, generator=torch.Generator().manual_seed(seed))
    observed = torch.ones(n, 20, dtype=torch.bool)
    observed[::2, :13] = False
    return values * observed[..., None], observed


ENCODERS = ("gru", "transformer", "tcn")
each_encoder = pytest.mark.parametrize("encoder", ENCODERS)


def network(**changes: object) -> RiskNetwork:
    torch.manual_seed(0)
    return RiskNetwork(RiskConfig(**changes)).eval()  # type: ignore[arg-type]


def test_the_network_has_the_parts_and_the_size_of_the_design() -> None:
    assert sum(p.numel() for p in network().parameters()) == 514_029


def test_each_modality_may_attend_to_the_others_with_as_many_heads_as_fit() -> None:
    plain, crossed = network(), network(cross=True)

    added = sum(p.numel() for p in crossed.parameters()) - 514_029
    assert added == 4 * 84 * 84 + 4 * 84 + 2 * 84  # in and out, their biases, the norm
    assert not torch.allclose(crossed(*batch())[0], plain(*batch())[0], atol=1e-3)
    assert crossed.config.cross_heads == 4 and plain.config.cross_heads == 0
    assert RiskConfig(cross=True, bidirectional=False).cross_heads == 2


def test_a_modality_reads_the_others_of_its_own_week_only() -> None:
    model = network(cross=True)
    states = torch.randn(2, 20, 3 * 84, generator=torch.Generator().manual_seed(0))
    other = states.clone()
    other[0, 7, :84] += 1  # attendance of one week

    changed = (model._met(states) != model._met(other)).reshape(2, 20, 3, 84).any(dim=3)

    assert changed[0, 7].all()
    assert changed.sum() == 3


def test_it_gives_one_score_and_four_categories_a_student() -> None:
    score, category = network()(*batch(6))

    assert score.shape == (6,)
    assert category.shape == (6, 4)


@each_encoder
def test_attention_sums_to_one_over_observed_weeks_and_is_zero_elsewhere(encoder: str) -> None:
    values, observed = batch(6)
    model = network(cross=True, encoder=encoder, hidden=8, projection=32)

    score, _, attention = model(values, observed, return_attention=True)

    assert attention.shape == (6, 4, 20, 20)
    assert torch.allclose(attention.sum(dim=-1), observed[:, None].expand(6, 4, 20).float())
    assert (attention[0, :, :, :13] == 0).all()
    assert torch.allclose(score, model(values, observed)[0], atol=1e-6)


@each_encoder
def test_a_students_score_does_not_depend_on_the_batch(encoder: str) -> None:
    values, observed = batch(6)
    model = network(cross=True, encoder=encoder, hidden=8, projection=32)

    together = model(values, observed)[0]
    alone = torch.cat([model(values[i : i + 1], observed[i : i + 1])[0] for i in range(6)])

    assert torch.allclose(together, alone, atol=1e-6)


@pytest.mark.parametrize("cross", [False, True])
def test_attention_is_what_torch_makes_of_the_same_weights(cross: bool) -> None:
    values, observed = batch(6)
    model = network(cross=cross)
    states = model.grus[0](values.transpose(0, 1)[..., :14])[0]
    states = torch.cat([states, *(states * n for n in (0.5, -1))], dim=2)  # (T, B, width)
    tokens = states.reshape(-1, 3, 84)
    met = model.norm(tokens + model.cross(tokens, tokens, tokens)[0]) if cross else tokens
    weeks = model.project(met.reshape(states.shape)).transpose(0, 1)
    given = {"key_padding_mask": ~observed, "average_attn_weights": False}
    mixed, looks = model.attention(weeks, weeks, weeks, **given)

    own = model._met(states).transpose(0, 1)
    found, attention = model._attend(own, own, ~observed[:, None, None])

    seen = observed[..., None]
    assert torch.allclose(found * seen, mixed * seen, atol=1e-5)
    assert torch.allclose(attention.transpose(1, 2), looks, atol=1e-5)


@each_encoder
def test_dropout_acts_in_training_only(encoder: str) -> None:
    values, observed = batch(6)
    model = network(cross=True, encoder=encoder, hidden=8, projection=32)

    assert torch.equal(model(values, observed)[0], model(values, observed)[0])
    model.train()
    assert not torch.equal(model(values, observed)[0], model(values, observed)[0])


def test_standardized_values_have_mean_0_and_spread_1_with_unknown_and_padding_0() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(5, 3, (50, 20, 42)).astype(np.float32)
    observed = np.ones((50, 20), dtype=bool)
    observed[:20, :5] = False
    values[~observed] = 1e6  # padding never counts
    values[:, :, 1] = np.nan
    values[3, 19, 0] = np.nan
    values[:, :, 2] = 7.0

    standardizer = Standardizer.fit(values, observed, chunk=7)
    x = standardizer.apply(values, observed).numpy()

    assert x[observed][:, 3:].mean(axis=0) == pytest.approx(np.zeros(39), abs=1e-4)
    assert x[observed][:, 3:].std(axis=0) == pytest.approx(np.ones(39), abs=1e-4)
    assert (x[~observed] == 0).all()
    assert x[3, 19, 0] == 0
    assert (x[:, :, 1] == 0).all() and standardizer.std[1] == 1
    assert (x[:, :, 2] == 0).all() and standardizer.std[2] == 1


def test_the_served_network_standardizes_as_training_does() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(5, 3, (6, 20, 42)).astype(np.float32)
    values[rng.random(values.shape) < 0.1] = np.nan
    observed = batch(6)[1].numpy()
    standardizer = Standardizer.fit(values, observed)
    model = network()

    found = Served(model, standardizer)(torch.from_numpy(values), torch.from_numpy(observed))

    expected = model(standardizer.apply(values, observed), torch.from_numpy(observed))
    assert torch.allclose(found[0], expected[0], atol=1e-6)


def test_a_config_survives_its_file() -> None:
    config = RiskConfig(hidden=8, fusion=(16, 8), cross=True)

    assert RiskConfig.from_json({**config.as_json(), "fusion": [16, 8]}) == config


def test_a_config_from_before_there_was_cross_is_read() -> None:
    old = RiskConfig().as_json()
    del old["cross"]

    assert RiskConfig.from_json(old) == RiskConfig()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"color": 1}, "unknown key 'color'"),
        ({"hidden": 0}, "at least 1"),
        ({"heads": 3}, "not divisible"),
        ({"dropout": 1.0}, "dropout"),
        ({"encoder": "lstm"}, "gru, transformer, tcn"),
        ({"hidden": "many"}, "config.json"),
    ],
)
def test_a_config_that_cannot_be_is_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        RiskConfig.from_json(wrong)


@pytest.mark.parametrize("cross", [False, True])
@each_encoder
def test_a_network_that_never_looks_ahead_scores_each_week_as_if_it_were_the_last(
    encoder: str, cross: bool
) -> None:
    values, _ = batch(4)
    model = network(bidirectional=False, hidden=8, projection=32, cross=cross, encoder=encoder)

    each, categories = model.each_week(values)

    assert each.shape == (4, 20) and categories.shape == (4, 20, 4)
    for week in (0, 7, 19):
        prefix = values[:, : week + 1]
        seen = torch.ones(prefix.shape[:2], dtype=torch.bool)
        assert torch.allclose(model(prefix, seen)[0], each[:, week], atol=1e-5)
    model.train()
    assert model(values, torch.ones(4, 20, dtype=torch.bool))[0].shape == (4,)


@pytest.mark.parametrize("encoder", ENCODERS[1:])
def test_what_stands_in_padded_weeks_changes_nothing(encoder: str) -> None:
    values, observed = batch(6)
    model = network(encoder=encoder, hidden=8, projection=32)
    noisy = torch.where(observed[..., None], values, torch.tensor(7.0))

    assert torch.allclose(model(values, observed)[0], model(noisy, observed)[0], atol=1e-6)


def test_an_early_week_counts_in_the_score_whatever_reads_the_weeks() -> None:
    values, _ = batch(2)
    seen, other = torch.ones(2, 20, dtype=torch.bool), values.clone()
    other[:, 2] += 3

    for encoder in ENCODERS:
        model = network(encoder=encoder, hidden=8, projection=32)
        assert (model(values, seen)[0] - model(other, seen)[0]).abs().min() > 1e-5


def test_a_transformers_layer_is_torchs_own() -> None:
    model = network(encoder="transformer", hidden=8, projection=32)
    layer, states = model.encoders[0].layers[0], torch.randn(3, 20, 32)
    hidden = torch.ones(20, 20, dtype=torch.bool).triu(1)

    own = torch.nn.TransformerEncoderLayer.forward(layer, states, hidden)

    assert torch.allclose(layer(states, hidden), own, atol=1e-6)


def test_a_network_that_looks_ahead_scores_only_the_last_week() -> None:
    with pytest.raises(ModelError, match="bidirectional"):
        network().each_week(batch(2)[0])
