{#
  Every reason against a delivered row, separated by semicolons; null when there is none. Reads the cast columns and
  their texts (<column>_text) of stg_nexasat__read_rows.
#}
{% macro field_reasons() -%}
    case
        when raw_record is not null then 'the record does not split into the columns of the header'
        else nullif(concat_ws(
                '; ',
                case
                    when customer_id_text is null then 'customer_id is missing'
                    when customer_id is null
                        then
                            'customer_id is longer than '
                            || maximum_customer_id_length || ' characters'
                end,
                {{ reason_unless_readable('gender', 'Female or Male') }},
                {{ reason_unless_readable('partner', 'Yes or No') }},
                {{ reason_unless_readable('dependents', 'Yes or No') }},
                {{ reason_unless_readable('senior_citizen', '0 or 1') }},
                {{ reason_unless_readable('call_duration', 'a whole number') }},
                {{ reason_if_out_of_range('call_duration') }},
                {{ reason_unless_readable('data_usage', 'a number with at most 2 decimals') }},
                {{ reason_if_out_of_range('data_usage') }},
                {{ reason_unless_readable('plan', 'a plan of cfg_plans') }},
                {{ reason_unless_readable(
                    'monthly_bill_amount', 'a number with at most 2 decimals'
                ) }},
                {{ reason_if_out_of_range('monthly_bill_amount') }},
                {{ reason_unless_readable('tenure_months', 'a whole number') }},
                {{ reason_if_out_of_range('tenure_months') }},
                {{ reason_unless_readable('multiple_lines', 'Yes or No') }},
                {{ reason_unless_readable('tech_support', 'Yes or No') }},
                {{ reason_unless_readable('churn', '0 or 1') }}
            ), '')
    end
{%- endmacro %}
