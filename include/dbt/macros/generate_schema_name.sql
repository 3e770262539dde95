{# Schemas go by their plain names: `marts`, not dbt's `<target schema>_marts`. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
