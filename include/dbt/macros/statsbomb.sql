{#
    Pre-hook of a mart of matches: a match that the provider moved to another season is another dataset's now, while the
    old one is still there, with nothing in it.
#}
{% macro drop_moved_matches() -%}
    {%- if is_incremental() -%}
    delete from {{ this }} as built
    where not exists (
        select 1
        from {{ source('statsbomb', 'match') }} as current_match
        where built.match_id = current_match.match_id and built._dataset_id = current_match._dataset_id
    )
    {%- endif -%}
{%- endmacro %}
