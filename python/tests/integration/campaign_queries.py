"""The campaign macros and the model of rpt_campaign_lift as SQL on temporary tables."""

import re
from pathlib import Path

CALLS = {
    "intervals": "\n".join(
        [
            "select place,",
            *(
                f"{{{{ wilson('a', 'm', 'z', '{bound}') }}}} as wilson_{bound}, "
                f"{{{{ newcombe('a', 'm', 'b', 'n', 'z', '{bound}') }}}} as newcombe_{bound},"
                for bound in ("lower", "upper")
            ),
            "{{ sample_ratio_mismatch('m', 'n', 'share') }} as p_value from cases order by place",
        ]
    ),
    "sizes": "select {{ sample_size('a', 'b', 'z', 'y') }} as size from rates order by place",
    "differences": "select * from ({{ detectable_difference("
    "'rates', ['place'], 'a', 'm', 'n', 'z', 'y') }}) as found order by place",
    "cuped": "select * from ({{ cuped("
    "'observed', ['experiment'], 'is_treatment', 'outcome', 'covariate') }}) as found order by 1",
}
RELATIONS = {
    "stg_ops__campaigns": "campaigns",
    "fct_campaign_customers": "campaign_customers",
    "int_campaign_levels": "levels_in_force",
}
SEPARATOR = "-- next\n"


def inline(project: Path) -> str:
    """What `dbt compile --inline` takes."""
    model = project / "models" / "marts" / "campaigns" / "rpt_campaign_lift.sql"
    return f"\n{SEPARATOR}".join([*CALLS.values(), model.read_text(encoding="utf-8")])


def split(compiled: str) -> dict[str, str]:
    """Its output, a query for each of `CALLS` and the model as `lift`."""
    *calls, lift = compiled.split(SEPARATOR)
    for relation, table in RELATIONS.items():
        lift = re.sub(rf'"\w+"\."\w+"\."{relation}"', table, lift)
    return {**dict(zip(CALLS, calls, strict=True)), "lift": lift}
