"""What the synthetic extract is made of: every number that shapes it, and nothing that computes.

The numbers are counts and ranges of the published NexaSat extract (July 2023, 7,043 rows). They are
parameters of a generator: no row of that extract is here. Weights count customers in 7,043 unless
a comment says otherwise.
"""

from dataclasses import dataclass
from enum import IntEnum

# Lowest value, highest value (both meant), weight; the values between are equally likely.
Bands = tuple[tuple[int, int, int], ...]

DEFAULT_CUSTOMERS = 7_043  # as many as the published extract has
DEFAULT_SEED = 42  # of the extract that ships in seeds/raw
FIRST_DATE = "2023-07-31"  # of a series; the day of the published extract
FIRST_ID = 2001  # the first customer is NSat2001

COLUMNS = (  # the published order; the published header has capitals
    "customer_id",
    "gender",
    "partner",
    "dependents",
    "senior_citizen",
    "call_duration",
    "data_usage",
    "plan_type",
    "plan_level",
    "monthly_bill_amount",
    "tenure_months",
    "multiple_lines",
    "tech_support",
    "churn",
)


class Plan(IntEnum):
    """The four plans; `label` gives plan_type and plan_level."""

    POSTPAID_BASIC = 0
    POSTPAID_PREMIUM = 1
    PREPAID_BASIC = 2
    PREPAID_PREMIUM = 3

    @property
    def label(self) -> tuple[str, str]:
        """For instance ('Postpaid', 'Basic')."""
        kind, level = self.name.title().split("_")
        return kind, level

    @property
    def includes_add_ons(self) -> bool:
        """True when tech support and one extra line come with the plan."""
        return self in (Plan.POSTPAID_PREMIUM, Plan.PREPAID_PREMIUM)


# --- Tariffs, in cents of the extract's currency ------------------------------------------------
PREPAID_PREMIUM_FLAT = 12_600  # published
BASIC_FLAT = 8_000  # published for Prepaid Basic; Postpaid Basic with an add-on pays it too
SUPPORT_FEE = 800  # published, Basic plans
LINE_FEE = 1_200  # published, Basic plans
PREMIUM_STANDING = 3_500  # inferred: Postpaid Premium = 35 + 0.6 per minute + 5 per GB
PREMIUM_PER_MINUTE = 60
PREMIUM_PER_HUNDREDTH_GB = 5
BASIC_PER_MINUTE = 80  # inferred: Postpaid Basic = 0.8 per minute + 10 per GB, to whole units
BASIC_PER_HUNDREDTH_GB = 10
BASIC_ROUNDED_TO = 100  # half a unit goes up
LOWEST_BILL, HIGHEST_BILL = 2_200, 41_500  # the range of the published bills

# --- Exceptions to the tariffs ------------------------------------------------------------------
# An off-card Postpaid Premium bill is the tariff at the use of some other month, inside the card's
# range. In 0.28 of them the minutes are this month's, so that r(bill, minutes) is about 0.23.
OFF_CARD_KEEPS_MINUTES = 0.28
# 4 of 1,038 Postpaid Basic bills without add-ons leave the minutes out; the share is of rows with
# at least 2.20 GB (87 %), which keeps the bill above the lowest one.
MINUTES_NOT_BILLED = 0.00444

# --- Demographics, independent of the plan ------------------------------------------------------


@dataclass(frozen=True)
class Household:
    """Customers alike but for gender, and what add-ons they take on a Basic plan.

    Attributes:
        senior: Senior_Citizen is 1.
        partner: Partner is Yes.
        dependents: Dependents is Yes.
        females: customers in 7,043.
        males: customers in 7,043.
        add_ons: per thousand on Basic plans: none, extra line only, tech support only, both.
    """

    senior: bool
    partner: bool
    dependents: bool
    females: int
    males: int
    add_ons: tuple[int, int, int, int]


# Over all: tech support 0.30 (seniors without dependents 0.216), extra line 0.385 (seniors 0.58).
HOUSEHOLDS = (
    Household(False, False, False, 1338, 1381, (515, 219, 157, 109)),
    Household(False, False, True, 142, 211, (548, 186, 153, 113)),
    Household(False, True, False, 596, 567, (311, 295, 158, 236)),
    Household(False, True, True, 844, 822, (440, 236, 153, 171)),
    Household(True, False, False, 317, 244, (417, 406, 57, 120)),
    Household(True, False, True, 3, 5, (196, 435, 174, 195)),  # too few alone: with the last row
    Household(True, True, False, 209, 281, (277, 465, 86, 172)),
    Household(True, True, True, 39, 44, (196, 435, 174, 195)),
)

# --- Shapes of use and tenure -------------------------------------------------------------------
# fmt: off
# Minutes a month.
POST_B_MINUTES: Bands = ((1, 24, 121), (25, 49, 154), (50, 99, 539), (100, 400, 1541))
CARD_MINUTES: Bands = ((50, 500, 1),)  # the range that the Postpaid Premium tariff was made for
WIDE_MINUTES: Bands = (
    (27, 79, 25), (80, 149, 95), (150, 399, 270), (400, 449, 62), (450, 499, 38), (500, 572, 26),
)
PRE_B_MINUTES: Bands = (
    (2, 49, 36), (50, 79, 69), (80, 149, 233), (150, 399, 599),
    (400, 449, 79), (450, 499, 56), (500, 565, 36),
)

# Data use a month, in hundredths of a GB. POST_B is Postpaid Basic, PRE_P Prepaid Premium ...
POST_B_GB: Bands = ((100, 1000, 1),)
CARD_GB: Bands = ((100, 999, 1),)  # the range that the Postpaid Premium tariff was made for
POST_P_ACTIVE_TAIL: Bands = (
    (440, 599, 12), (600, 799, 26), (800, 999, 47), (1000, 1199, 46), (1200, 1399, 30),
    (1400, 1799, 57), (1800, 2199, 20), (2200, 2599, 27), (2600, 3183, 14),
)
POST_P_EARLY_TAIL: Bands = (
    (300, 599, 2), (1800, 1999, 3), (2000, 2199, 11), (2200, 2399, 13),
    (2400, 2799, 54), (2800, 2999, 11), (3000, 3166, 8),
)
POST_P_LATE_TAIL: Bands = (
    (458, 599, 5), (600, 799, 16), (800, 999, 11), (1000, 1199, 19), (1200, 1399, 20),
    (1400, 1599, 23), (1600, 1999, 18), (2000, 2199, 6), (2200, 2486, 14),
)
PRE_B_ACTIVE_GB: Bands = (
    (113, 499, 27), (500, 799, 72), (800, 1199, 126), (1200, 1599, 91),
    (1600, 1999, 59), (2000, 2399, 48), (2400, 2799, 43), (2800, 3249, 19),
)
PRE_B_CHURNED_GB: Bands = (
    (178, 499, 15), (500, 799, 64), (800, 1199, 117), (1200, 1599, 97),
    (1600, 1999, 64), (2000, 2399, 103), (2400, 2799, 106), (2800, 3287, 57),
)
PRE_P_ACTIVE_TAIL: Bands = (
    (1001, 1199, 47), (1200, 1399, 48), (1400, 1799, 61), (1800, 1999, 10), (2000, 2199, 23),
    (2200, 2399, 35), (2400, 2599, 45), (2600, 2799, 26), (2800, 2999, 25), (3000, 3278, 22),
)
PRE_P_CHURNED_GB: Bands = (
    (100, 399, 22), (400, 599, 23), (600, 799, 35), (800, 999, 46),
    (1000, 1399, 39), (1400, 1799, 26), (1800, 2199, 17), (2200, 2487, 12),
)

# Months since joining. Nobody leaves inside the lock-in: 12 months on Postpaid Premium, 24 on
# Prepaid Premium. Early leavers go in the half year after it.
POST_B_ACTIVE_MONTHS: Bands = ((1, 14, 538), (15, 60, 234))
POST_B_CHURNED_MONTHS: Bands = ((1, 14, 779), (15, 60, 804))
PRE_B_MONTHS: Bands = ((1, 6, 452), (7, 12, 480), (13, 14, 176))
PREMIUM_MONTHS: Bands = ((1, 12, 447), (13, 24, 494), (25, 36, 674), (37, 48, 713), (49, 60, 687))
POST_P_LEAVER_MONTHS: Bands = (
    (12, 12, 2), (13, 18, 15), (19, 24, 22), (25, 30, 41), (31, 34, 31),
)
POST_P_EARLY_MONTHS: Bands = ((13, 18, 1),)
POST_P_LATE_MONTHS: Bands = ((24, 24, 12), (25, 27, 27), (28, 30, 35), (31, 34, 58))
PRE_P_LEAVER_MONTHS: Bands = ((24, 34, 1),)


@dataclass(frozen=True)
class Cohort:
    """Customers of one plan and fate, with the shapes that their rows are drawn from.

    Attributes:
        plan: the plan.
        churned: Churn is 1.
        customers: how many in 7,043.
        tenure: months since joining, 1 to 60.
        minutes: call minutes a month.
        gigabytes: data use a month, in hundredths of a GB.
        on_card: False when the bill does not follow from this month's use.
    """

    plan: Plan
    churned: bool
    customers: int
    tenure: Bands
    minutes: Bands
    gigabytes: Bands
    on_card: bool = True


_POST_B, _POST_P, _PRE_B, _PRE_P = Plan
COHORTS = (
    Cohort(_POST_B, False, 772, POST_B_ACTIVE_MONTHS, POST_B_MINUTES, POST_B_GB),
    Cohort(_POST_B, True, 1583, POST_B_CHURNED_MONTHS, POST_B_MINUTES, POST_B_GB),
    Cohort(_POST_P, False, 1124, PREMIUM_MONTHS, CARD_MINUTES, CARD_GB),
    Cohort(_POST_P, False, 279, PREMIUM_MONTHS, WIDE_MINUTES, POST_P_ACTIVE_TAIL, False),
    Cohort(_POST_P, True, 111, POST_P_LEAVER_MONTHS, CARD_MINUTES, CARD_GB),
    Cohort(_POST_P, True, 102, POST_P_EARLY_MONTHS, WIDE_MINUTES, POST_P_EARLY_TAIL, False),
    Cohort(_POST_P, True, 132, POST_P_LATE_MONTHS, WIDE_MINUTES, POST_P_LATE_TAIL, False),
    Cohort(_PRE_B, False, 485, PRE_B_MONTHS, PRE_B_MINUTES, PRE_B_ACTIVE_GB),
    Cohort(_PRE_B, True, 623, PRE_B_MONTHS, PRE_B_MINUTES, PRE_B_CHURNED_GB),
    Cohort(_PRE_P, False, 1270, PREMIUM_MONTHS, CARD_MINUTES, CARD_GB),
    Cohort(_PRE_P, False, 342, PREMIUM_MONTHS, WIDE_MINUTES, PRE_P_ACTIVE_TAIL),
    Cohort(_PRE_P, True, 220, PRE_P_LEAVER_MONTHS, WIDE_MINUTES, PRE_P_CHURNED_GB),
)

# --- A month later ------------------------------------------------------------------------------
LONGEST_TENURE = max(high for cohort in COHORTS for _, high, _ in cohort.tenure)
MOST_MONTHS = 120  # of a series: ten years
# By plan: a customer is bound for so many months, and then leaves at the end of one with this
# chance: churned customers over the months that all customers of the plan were free to go.
LOCK_IN = (0, 12, 0, 24)
LEAVE_CHANCE = (0.0324, 0.0094, 0.0731, 0.0095)
ACTIVE_COHORT = (0, 0, 2, 3, 2, 3, 3, 7, 7, 9, 10, 10)  # who joins: the plan of the cohort, active
OTHER_LEVEL = (2, 2, 0, 0, 0, 0, 0, 9, 9, 7, 7, 7)  # where a change of plan leads, same plan type
# Nobody has published a second month: the following are assumptions.
JOIN_SHARE = 0.0125  # of the first month's customers, each month: about as many as leave
USE_CHANGES = 0.06  # active customers whose use is another one than in the month before
PLAN_CHANGES = 0.006  # active customers who are free to go and change the level of their plan
ERASED = 0.02  # churned customers who are no longer in the next extract
