-- The business rules, from the seeds.
create schema config;

create table config.cfg_plans (
    plan_key text, plan_type text, plan_level text, base_price numeric(12, 2), minute_rate numeric(12, 2),
    gigabyte_rate numeric(12, 2), bill_decimals integer, fitted_gigabytes numeric(12, 2),
    includes_add_ons boolean, lock_in_months integer, price_source text, margin numeric(5, 4)
);
create table config.cfg_add_ons (
    add_on_key text, add_on_name text, monthly_price numeric(12, 2), price_source text
);
create table config.cfg_score_weights (component text, weight numeric(5, 4), reason text);
create table config.cfg_value_tiers (
    value_tier text, value_tier_rank integer, lower_percentile numeric(5, 4), is_lower_included boolean,
    upper_percentile numeric(5, 4), is_upper_included boolean, recommended_attention text
);
create table config.cfg_retention_factors (is_churned boolean, retention_factor numeric(5, 4), reason text);
create table config.cfg_bands (
    band_type text, band_label text, band_rank integer, above numeric(12, 2), up_to numeric(12, 2)
);
create table config.cfg_parameters (parameter text, parameter_value text, reason text);
create table config.cfg_horizons (
    horizon_months integer, has_churn_probability boolean, has_residual_clv boolean, reason text
);
create table config.cfg_offers (
    offer_key text, offer_name text, offer_kind text, offer_rank integer, is_published_list boolean,
    target_plan_key text, add_on_key text, discount_rate numeric(5, 4), discount_months integer,
    contact_cost numeric(12, 2), acceptance_rate numeric(5, 4), avoided_churn_share numeric(5, 4), value_basis text,
    assumption text, offer_text text
);
create table config.cfg_offer_rules (
    offer_key text, rule_number integer, plan_type text, plan_level text, value_tier_rank_from integer,
    value_tier_rank_to integer, is_senior_citizen boolean, has_partner boolean, has_dependents boolean,
    has_multiple_lines boolean, has_tech_support boolean, monthly_bill_amount_above numeric(12, 2),
    tenure_months_up_to integer, is_at_risk boolean
);
create table config.cfg_cluster_recipes (
    recipe_name text, is_default boolean, population text, features text, transformation text, scaler text,
    algorithm text, cluster_count_from integer, cluster_count_to integer, random_seed integer, initialisations integer,
    tolerance numeric, training_limit integer, stability_floor numeric, reason text
);
create table config.cfg_cluster_features (
    feature_name text, feature_rank integer, low_words text, high_words text
);

\copy config.cfg_plans from 'config/cfg_plans.csv' (format csv, header match)
\copy config.cfg_add_ons from 'config/cfg_add_ons.csv' (format csv, header match)
\copy config.cfg_score_weights from 'config/cfg_score_weights.csv' (format csv, header match)
\copy config.cfg_value_tiers from 'config/cfg_value_tiers.csv' (format csv, header match)
\copy config.cfg_retention_factors from 'config/cfg_retention_factors.csv' (format csv, header match)
\copy config.cfg_bands from 'config/cfg_bands.csv' (format csv, header match)
\copy config.cfg_parameters from 'config/cfg_parameters.csv' (format csv, header match)
\copy config.cfg_horizons from 'config/cfg_horizons.csv' (format csv, header match)
\copy config.cfg_offers from 'config/cfg_offers.csv' (format csv, header match)
\copy config.cfg_offer_rules from 'config/cfg_offer_rules.csv' (format csv, header match)
\copy config.cfg_cluster_recipes from 'config/cfg_cluster_recipes.csv' (format csv, header match)
\copy config.cfg_cluster_features from 'config/cfg_cluster_features.csv' (format csv, header match)
