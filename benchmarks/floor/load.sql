-- The extract as text, with line numbers as in the file (the header is line 1), and where it came from.
create schema raw;

create table raw.extract_loads (
    load_id bigint generated always as identity primary key,
    file_name text not null,
    file_sha256 text not null,
    file_bytes bigint not null,
    delivered_rows bigint not null,
    extract_date date not null,
    loaded_at timestamptz not null
);
create table raw.extract_rows (
    load_id bigint not null default :load_id,
    line_number bigint not null generated always as identity (start 2),
    raw_record text,
    customer_id text, gender text, partner text, dependents text, senior_citizen text, call_duration text,
    data_usage text, plan_type text, plan_level text, monthly_bill_amount text, tenure_months text,
    multiple_lines text, tech_support text, churn text
);

\copy raw.extract_rows (customer_id, gender, partner, dependents, senior_citizen, call_duration, data_usage, plan_type, plan_level, monthly_bill_amount, tenure_months, multiple_lines, tech_support, churn) from 'extract.csv' (format csv, header)

\set file_sha256 `sha256sum extract.csv | cut -c 1-64`
\set file_bytes `wc -c < extract.csv`
insert into raw.extract_loads (
    load_id, file_name, file_sha256, file_bytes, delivered_rows, extract_date, loaded_at
)
overriding system value
select :load_id, 'extract.csv', :'file_sha256', :file_bytes, count(*), :'extract_date', now()
from raw.extract_rows;
