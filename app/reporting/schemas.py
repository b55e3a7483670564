"""What public figures and the catalogue say over the wire. Grams may be negative: caused."""

from __future__ import annotations

from app.chain_fields import Address, Hash32
from app.fields import (
    MAX_WHOLE,
    SOMETIMES,
    Day,
    Flag,
    Input,
    List,
    Nested,
    Output,
    QueryNumber,
    Text,
    WholeNumber,
)

LONG = 2000


class FiguresQuery(Input):
    indicator = Text(load_default="", low=0, high=20)
    months = QueryNumber(load_default=None, low=1, high=1200)


class TextsOut(Output):
    fr = Text(high=LONG)
    en = Text(required=True, high=LONG)


class MetricsOut(Output):
    """Sums, in the integer unit that each name ends with."""

    distance_m = WholeNumber(required=True)
    waste_g = WholeNumber(required=True)
    water_ml = WholeNumber(required=True)
    energy_wh = WholeNumber(required=True)
    duration_s = WholeNumber(required=True)
    item_count = WholeNumber(required=True)


class EstimateOut(Output):
    """Gross: against the baseline, whatever people would have done anyway."""

    attribution = Text(required=True)
    range = Text(required=True)
    central_g = WholeNumber(low=-MAX_WHOLE, required=True)
    low_g = WholeNumber(low=-MAX_WHOLE, allow_none=True)
    high_g = WholeNumber(low=-MAX_WHOLE, allow_none=True)
    factors = List(Text(), required=True)


class IndicatorLinkOut(Output):
    """`code` is an indicator's; where the relation is goal-only, a target's or a goal's."""

    code = Text(required=True)
    relation = Text(required=True)


class FigureOut(Output):
    id = Text(required=True)
    programme = Text(required=True)
    month = Text(required=True)
    action_type = Text(required=True)
    action_type_version = WholeNumber(required=True)
    proof_level = Text(required=True)
    provenance = Text(required=True)
    actions = WholeNumber(required=True)
    reward_cents = WholeNumber(required=True)
    metrics = Nested(MetricsOut, required=True)
    co2e = Nested(EstimateOut, allow_none=True)
    indicators = List(Nested(IndicatorLinkOut), required=True)
    block = WholeNumber(required=True)


class PlacesOut(Output):
    ActionRegistry = Address(required=True)
    Programmes = Address(required=True)
    Anchor = Address(required=True)


class ChainOut(Output):
    chain_id = WholeNumber(required=True)
    genesis_hash = Text(required=True)
    first_block = WholeNumber(required=True)
    contracts = Nested(PlacesOut, required=True)


class AsOfOut(Output):
    block = WholeNumber(required=True)
    time = Text(allow_none=True)


class PublicProgrammeOut(Output):
    id = Text(required=True)
    slug = Text(required=True)
    name = Nested(TextsOut, required=True)


class RecordOut(Output):
    """A figure of the city's own records; which numbers it has follows from its id."""

    id = Text(required=True)
    provenance = Text(required=True)
    trips = WholeNumber(metadata=SOMETIMES)
    distance_m = WholeNumber(metadata=SOMETIMES)
    signed = WholeNumber(metadata=SOMETIMES)
    deeds = WholeNumber(metadata=SOMETIMES)
    held_cents = WholeNumber(metadata=SOMETIMES)
    holders = WholeNumber(metadata=SOMETIMES)
    opened = WholeNumber(metadata=SOMETIMES)
    last_on = Text(metadata=SOMETIMES)
    text = Text(required=True)


class NetShareOut(Output):
    """What a programme says would not have happened anyway; the figures are gross all the same."""

    programme = Text(required=True)
    action_type = Text(required=True)
    permille = WholeNumber(required=True)
    source = Text(required=True, high=LONG)
    from_month = Text(required=True)
    set_on = Text(required=True)
    provenance = Text(required=True)


class FiguresOut(Output):
    format = Text(required=True)
    chain = Nested(ChainOut, required=True)
    as_of = Nested(AsOfOut, required=True)
    programmes = List(Nested(PublicProgrammeOut), required=True)
    figures = List(Nested(FigureOut), required=True)
    net_shares = List(Nested(NetShareOut), required=True)
    records = List(Nested(RecordOut), required=True)


class SourceOut(Output):
    dataset = Text(required=True)
    licence = Text(required=True)
    read_on = Text(required=True)


class RangeOut(Output):
    """Who says that low and high are right: the source, or a general rule with its source."""

    kind = Text(required=True)
    source = Text(required=True, high=LONG)
    rule = Nested(TextsOut, allow_none=True)


class FactorOut(Output):
    """Micrograms of CO2e per unit of the metric, for deeds of the days named.

    `range`, `low` and `high` are null where the source publishes no range.
    """

    id = Text(required=True)
    version = Text(required=True)
    year = WholeNumber(allow_none=True)
    valid_from = Day(required=True)
    valid_to = Day(allow_none=True)
    range = Nested(RangeOut, allow_none=True)
    name = Nested(TextsOut, required=True)
    metric = Text(required=True, attribute="metric.value")
    micrograms_per_unit = WholeNumber(low=-MAX_WHOLE, required=True)
    low = WholeNumber(low=-MAX_WHOLE, allow_none=True)
    high = WholeNumber(low=-MAX_WHOLE, allow_none=True)
    source = Nested(SourceOut, required=True)
    source_key = Text(required=True)
    source_values = List(Text(), required=True)
    source_unit = Text(required=True)
    divided_by = WholeNumber(required=True)
    note = Text(allow_none=True, high=LONG)


class IndicatorOut(Output):
    """`fr_stale`: the French title is from before the 2025 review.

    `same_as` are all codes under which the framework repeats it; it counts once.
    """

    same_as = List(Text(), required=True)
    code = Text(required=True)
    unsd_code = Text(required=True)
    goal = Text(required=True)
    target = Text(required=True)
    title = Nested(TextsOut, required=True)
    fr_stale = Flag(required=True)


class MultiplierOut(Output):
    metric = Text(required=True)
    multiplier = WholeNumber(required=True)


class ContributionOut(IndicatorLinkOut):
    why = Nested(TextsOut, required=True)


class ActionTypeOut(Output):
    """Something to do. CO2e = metric x (baseline factor - action factor)."""

    id = Text(required=True)
    number = WholeNumber(required=True)
    version = WholeNumber(required=True)
    category = Text(required=True)
    name = Nested(TextsOut, required=True)
    unit = Text(required=True)
    entry_unit = Text(required=True)
    entry_size = WholeNumber(required=True)
    quantity_usual = WholeNumber(required=True)
    quantity_max = WholeNumber(required=True)
    evidence = List(Text(), required=True)
    proof_levels = List(Text(), required=True)
    metrics = List(Nested(MultiplierOut), required=True)
    goals = List(Text(), required=True)
    baseline = Nested(TextsOut, required=True)
    baseline_source = Nested(TextsOut, required=True)
    baseline_factor = Text(allow_none=True)
    action_factor = Text(allow_none=True)
    no_co2e = Nested(TextsOut, allow_none=True)
    indicators = List(Nested(ContributionOut), required=True)


class GoalOut(Output):
    """One of the 17; without action types, no action here contributes to it."""

    code = Text(required=True)
    title = Nested(TextsOut, required=True)
    action_types = List(Text(), required=True)


class CatalogueOut(Output):
    factors_hash = Hash32(required=True)
    action_types = List(Nested(ActionTypeOut), required=True)
    factors = List(Nested(FactorOut), required=True)
    indicators = List(Nested(IndicatorOut), required=True)
    goals = List(Nested(GoalOut), required=True)
