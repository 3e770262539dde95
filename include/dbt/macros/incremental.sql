{#
    Marts are built a dataset at a time. A row carries what it was built from: its dataset's number of change, which the
    load of other rows replaces, also a load of another dataset that takes some, and the version of the code. A dataset
    of which one of the two is another now, or which is gone, loses its rows; a dataset without rows is built. Sets are
    compared, not times: a load that was committed later may carry an earlier time.
#}

{# Pre-hook of an incremental mart: it runs in the transaction that adds the new rows. #}
{% macro drop_changed_datasets() -%}
    {%- if is_incremental() -%}
    delete from {{ this }} as built
    {# a mart that an older project built has no such column, and is of another version of the code anyway #}
    {%- if '_change' in adapter.get_columns_in_relation(this) | map(attribute='name') %}
    where not exists (
        select 1
        from {{ source('fieldhouse', 'loaded') }} as loaded
        where
            built._dataset_id = loaded.dataset_id
            and built._change = loaded.change
            and built._code_version = '{{ code_version() }}'
    )
    {%- endif %}
    {%- endif -%}
{%- endmacro %}

{# The datasets of a source that the mart lacks: _dataset_id, _change, _code_version. #}
{% macro datasets_to_build(source_name) -%}
    select
        loaded.dataset_id as _dataset_id,
        loaded.change as _change,
        '{{ code_version() }}' as _code_version
    from {{ source('fieldhouse', 'loaded') }} as loaded
    where
        loaded.source = '{{ source_name }}'
        {%- if is_incremental() %}
        and not exists (
            select 1
            from {{ this }} as built
            where built._dataset_id = loaded.dataset_id
        )
        {%- endif %}
{%- endmacro %}

{#
    A digest of the model and of all models and seeds that it is made of: when one of them changes, the mart is built
    anew without anybody asking for --full-refresh. Macros are not in it.
#}
{% macro code_version() -%}
    {%- if execute -%}
        {%- set parts = [] -%}
        {%- set ids = [model.unique_id] -%}
        {# a loop over a growing list: jinja has no while #}
        {%- for id in ids if id in graph.nodes -%}
            {%- set node = graph.nodes[id] -%}
            {%- do parts.append(id ~ node.checksum.checksum) -%}
            {%- for parent in node.depends_on.nodes if parent not in ids -%}
                {%- do ids.append(parent) -%}
            {%- endfor -%}
        {%- endfor -%}
        {{- local_md5(parts | sort | join(' ')) -}}
    {%- endif -%}
{%- endmacro %}
