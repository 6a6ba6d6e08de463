{# A text with its places, `{name}`, filled: numbers in whole units, texts as they are, nothing where there is none. #}
{% macro filled_text(text, numbers, texts) -%}
    {%- set filled = [text] -%}
    {%- for name, number in numbers.items() -%}
        {%- do filled.append(
            "replace(" ~ filled[-1] ~ ", '{" ~ name ~ "}', coalesce(cast(cast(" ~ number ~ " as numeric(16, 0)) as text), ''))"
        ) -%}
    {%- endfor -%}
    {%- for name, words in texts.items() -%}
        {%- do filled.append("replace(" ~ filled[-1] ~ ", '{" ~ name ~ "}', coalesce(" ~ words ~ ", ''))") -%}
    {%- endfor -%}
    {{ filled[-1] }}
{%- endmacro %}
