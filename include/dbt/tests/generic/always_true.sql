{# `condition` holds on every row; NULL is not true. #}
{% test always_true(model, condition) %}
select *
from {{ model }}
where ({{ condition }}) is not true
{% endtest %}
