{#
  `nexasat campaign` writes here. Created empty so that a first `dbt build` succeeds before there is a campaign. The
  assignments are stored before their campaign, whose row holds their fingerprint: hence the deferred key.
#}
{% macro create_ops_tables() -%}
    {%- set ops_schema = generate_schema_name('ops', none) -%}
    create schema if not exists {{ ops_schema }};
    create table if not exists {{ ops_schema }}.campaigns (
        campaign_name text primary key check (campaign_name ~ '^[a-z0-9][a-z0-9_-]{0,49}$'),
        offer_key text not null,
        offer_text text not null,
        holdout_share numeric(5, 4) not null check (holdout_share > 0 and holdout_share < 1),
        salt text not null,
        capacity integer check (capacity > 0),
        budget numeric(14, 2) check (budget > 0),
        extract_date date not null,
        created_at timestamptz not null default now(),
        assignment_fingerprint text not null
    );
    create table if not exists {{ ops_schema }}.campaign_assignments (
        campaign_name text not null references {{ ops_schema }}.campaigns deferrable initially deferred,
        customer_id text not null,
        plan_key text not null,
        arm text not null check (arm in ('treatment', 'control')),
        monthly_bill_amount numeric(12, 2) not null,
        assigned_date date not null,
        primary key (campaign_name, customer_id)
    );
    create table if not exists {{ ops_schema }}.campaign_outcomes (
        campaign_name text not null,
        customer_id text not null,
        is_converted boolean not null,
        is_churned boolean,
        revenue numeric(14, 2) not null,
        file_sha256 text not null,
        loaded_at timestamptz not null default now(),
        primary key (campaign_name, customer_id),
        foreign key (campaign_name, customer_id) references {{ ops_schema }}.campaign_assignments
    );
    create table if not exists {{ ops_schema }}.do_not_contact (
        customer_id text primary key,
        stated_reason text,
        added_date date not null default current_date
    );
    {{ create_ops_functions(ops_schema) }}
{%- endmacro %}
